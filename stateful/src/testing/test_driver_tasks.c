/* test_driver_tasks.c - the tasks of a test driver and where their output goes. */
#include <stdlib.h>

#include <stateful/partitioner.h>

#include "base/memory.h"
#include "testing/test_driver_implementation.h"

/* ---- the port ---- */

static sf_status open_topic(void *user, const char *topic, size_t *number, sf_error *err)
{
    sf_test_driver *driver = user;

    (void)err;
    *number = sf_test_topics_open(&driver->topics, topic, driver->partitions);
    return SF_OK;
}

/* -1: where its whole key belongs. */
static int32_t partition_of(const sf_test_driver *driver, const sf_output *output)
{
    sf_bytes key = output->record.key;

    if (output->partition >= 0 || !output->key_tail)
        return output->partition;
    key.size -= output->key_tail;
    return sf_partition_of_key(key, driver->topics.items[output->topic].partitions);
}

static sf_status send(void *user, const sf_output *outputs, size_t count, sf_error *err)
{
    sf_test_driver *driver = user;

    (void)err;
    for (size_t i = 0; i < count; i++)
        sf_test_topics_append(&driver->topics, outputs[i].topic, partition_of(driver, &outputs[i]),
                              &outputs[i].record);
    return SF_OK;
}

/* ---- tasks: made, restored, started ---- */

static sf_status make_task(sf_test_driver *driver, size_t subtopology, int32_t partition,
                           sf_error *err)
{
    sf_driven *added = &driver->tasks[driver->task_count];
    sf_task_options options = {
        .topology = driver->topology,
        .subtopology = subtopology,
        .partition = partition,
        .application_id = driver->application_id,
        .state = driver->state,
        .output = {open_topic, send, driver, driver->record_max_bytes},
        .clock = driver->clock,
        .max_idle_ms = -1,
        .caching_off = driver->caching_off,
        .emit_interval_ms = driver->emit_interval_ms,
    };
    sf_status status;

    *added = (sf_driven){.subtopology = subtopology, .partition = partition};
    status = sf_task_new(&options, &added->task, err);
    if (status)
        return status;
    driver->task_count++;
    added->inputs = sf_zalloc(sf_task_input_count(added->task) * sizeof(*added->inputs));
    for (size_t i = 0; i < sf_task_input_count(added->task); i++)
        added->inputs[i].topic = sf_test_topics_open(
            &driver->topics, sf_task_input_topic(added->task, i), driver->partitions);
    return SF_OK;
}

static sf_status make_tasks(sf_test_driver *driver, sf_error *err)
{
    sf_status status = SF_OK;

    for (size_t i = 0; i < driver->topology->subtopology_count; i++) {
        int32_t count = sf_topology_task_count(driver->topology, i, driver->counts);

        driver->tasks = sf_realloc_array(driver->tasks, driver->task_count + (size_t)count,
                                         sizeof(*driver->tasks));
        for (int32_t partition = 0; partition < count && !status; partition++)
            status = make_task(driver, i, partition, err);
    }
    return status;
}

void sf_test_driver_free_tasks(sf_test_driver *driver)
{
    for (size_t i = 0; i < driver->task_count; i++) {
        sf_task_free(driver->tasks[i].task);
        free(driver->tasks[i].inputs);
    }
    free(driver->tasks);
    driver->tasks = NULL;
    driver->task_count = 0;
}

static sf_status restore_store(sf_test_driver *driver, const sf_driven *at, size_t index,
                               sf_error *err)
{
    const sf_task_changelog *changelog = sf_task_changelog_at(at->task, index);
    size_t topic = sf_test_topics_open(&driver->topics, changelog->topic, driver->partitions);
    sf_test_log *log = sf_test_topics_log(&driver->topics, topic, at->partition);
    size_t from = changelog->position < 0 ? 0 : (size_t)changelog->position;
    sf_record_batch *batch;
    sf_status status;

    if (from >= log->committed)
        return SF_OK;
    batch = sf_test_log_batch(log, from, log->committed);
    status = sf_task_restore(at->task, index, batch, err);
    batch->release(batch);
    return status;
}

static sf_status restore_task(sf_test_driver *driver, const sf_driven *at, sf_error *err)
{
    sf_status status = SF_OK;

    for (size_t i = 0; i < sf_task_changelog_count(at->task) && !status; i++) {
        if (sf_task_changelog_at(at->task, i)->in_memory) /* gone with the process */
            status = sf_task_clear(at->task, i, err);
        if (!status)
            status = restore_store(driver, at, i, err);
    }
    return status;
}

/* From where the group is. */
static sf_status start_task(sf_test_driver *driver, sf_driven *at, sf_error *err)
{
    size_t count = sf_task_input_count(at->task);
    sf_task_start *starts = sf_zalloc(count * sizeof(*starts));
    sf_status status;

    for (size_t i = 0; i < count; i++) {
        sf_test_log *log = sf_test_topics_log(&driver->topics, at->inputs[i].topic, at->partition);

        starts[i].offset = log->position < 0 ? 0 : log->position;
        starts[i].metadata = log->position < 0 ? NULL : sf_buffer_text(&log->metadata);
        at->inputs[i].pushed = (size_t)starts[i].offset;
        sf_task_set_caught_up(at->task, i, true);
    }
    status = sf_task_start_work(at->task, starts, err);
    free(starts);
    return status;
}

sf_status sf_test_driver_start_tasks(sf_test_driver *driver, sf_error *err)
{
    sf_status status = make_tasks(driver, err);

    for (size_t i = 0; i < driver->task_count && !status; i++)
        status = restore_task(driver, &driver->tasks[i], err);
    for (size_t i = 0; i < driver->task_count && !status; i++)
        status = start_task(driver, &driver->tasks[i], err);
    return status;
}
