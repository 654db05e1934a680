/* test_driver.c - all tasks of a topology in one hand: a thread's loop without the thread, a broker's
 * topics without the broker. One transaction covers all tasks, as for a stream thread. */
#include <stateful/test_driver.h>

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "testing/test_driver_implementation.h"

static sf_status open_state(sf_test_driver *driver, sf_error *err)
{
    sf_state_options options = {
        .application_id = driver->application_id,
        .instance_id = "test",
        .clock = driver->clock,
    };
    sf_status status = sf_state_open(&options, &driver->state, err);

    if (!status)
        driver->commit = sf_state_commit_new(driver->state);
    return status;
}

static void close_state(sf_test_driver *driver)
{
    if (driver->commit)
        sf_state_commit_free(driver->commit);
    driver->commit = NULL;
    sf_state_close(driver->state);
    driver->state = NULL;
}

/* Topics of the topology, with as many partitions as they will have. */
static sf_status open_topics(sf_test_driver *driver, sf_error *err)
{
    const sf_topology *topology = driver->topology;
    sf_status status;

    driver->counts = sf_zalloc((topology->topic_count + 1) * sizeof(int32_t));
    for (size_t i = 0; i < topology->topic_count; i++)
        driver->counts[i] = driver->partitions;
    status = sf_topology_partitions(topology, driver->counts, err);
    for (size_t i = 0; i < topology->topic_count && !status; i++) {
        char *name = sf_topology_topic_name(&topology->topics[i], driver->application_id);

        sf_test_topics_open(&driver->topics, name, driver->counts[i]);
        free(name);
    }
    return status;
}

/* Global tables are there before the first task asks for them. */
static sf_status start(sf_test_driver *driver, sf_error *err)
{
    sf_status status = sf_test_driver_start_globals(driver, err);

    return status ? status : sf_test_driver_start_tasks(driver, err);
}

static void stop(sf_test_driver *driver)
{
    sf_test_driver_free_tasks(driver);
    sf_test_driver_free_globals(driver);
}

sf_status sf_test_driver_new(const sf_topology *topology, const sf_test_driver_options *options,
                             sf_test_driver **driver, sf_error *err)
{
    static const sf_test_driver_options usual;
    sf_test_driver *made = sf_zalloc(sizeof(*made));
    sf_status status;

    options = options ? options : &usual;
    made->topology = topology;
    made->application_id = sf_text_copy(options->application_id ? options->application_id : "test");
    made->partitions = options->partitions ? options->partitions : 1;
    made->commits_by_hand = options->commit_by_hand;
    made->caching_off = options->caching_off;
    made->record_max_bytes = options->record_max_bytes;
    made->emit_interval_ms = options->emit_interval_ms;
    made->clock = sf_clock_manual_new(options->now_ms);
    sf_test_topics_init(&made->topics);
    status = open_topics(made, err);
    if (!status)
        status = open_state(made, err);
    if (!status)
        status = start(made, err);
    if (status)
        sf_test_driver_free(made);
    else
        *driver = made;
    return status;
}

void sf_test_driver_free(sf_test_driver *driver)
{
    if (!driver)
        return;
    stop(driver);
    if (driver->state)
        close_state(driver);
    sf_test_topics_done(&driver->topics);
    sf_clock_manual_free(driver->clock);
    free(driver->counts);
    free(driver->application_id);
    free(driver);
}

/* ---- input ---- */

static sf_status find_input(sf_test_driver *driver, const char *topic, size_t *number,
                            sf_error *err)
{
    *number = sf_test_topics_find(&driver->topics, topic);
    for (size_t i = 0; i < driver->topology->topic_count; i++) {
        const sf_topic *known = &driver->topology->topics[i];

        if ((known->is_source || known->is_global) && !known->is_internal &&
            !strcmp(known->name, topic))
            return SF_OK;
    }
    return sf_fail(err, SF_NOT_FOUND, "the topology does not read the topic '%s'", topic);
}

sf_status sf_test_driver_append(sf_test_driver *driver, const char *topic, const sf_record *record,
                                sf_error *err)
{
    size_t number;
    sf_status status = find_input(driver, topic, &number, err);

    if (status)
        return status;
    /* What the test puts in is there to stay, whatever becomes of the output before it. */
    if (sf_test_topics_has_uncommitted(&driver->topics, number))
        return sf_fail(err, SF_INVALID, "the topic '%s' has uncommitted output: commit first",
                       topic);
    sf_test_topics_append(&driver->topics, number, -1, record);
    sf_test_topics_commit(&driver->topics, number);
    return SF_OK;
}

sf_status sf_test_driver_run(sf_test_driver *driver, sf_error *err)
{
    return sf_test_driver_process(driver, !driver->commits_by_hand, err);
}

sf_status sf_test_driver_pipe(sf_test_driver *driver, const char *topic, const sf_record *record,
                              sf_error *err)
{
    sf_status status = sf_test_driver_append(driver, topic, record, err);

    return status ? status : sf_test_driver_run(driver, err);
}

sf_status sf_test_driver_pipe_text(sf_test_driver *driver, const char *topic, const char *key,
                                   const char *value, int64_t timestamp, sf_error *err)
{
    sf_record record = {
        .key = sf_bytes_text(key), .value = sf_bytes_text(value), .timestamp = timestamp};

    return sf_test_driver_pipe(driver, topic, &record, err);
}

sf_status sf_test_driver_commit(sf_test_driver *driver, sf_error *err)
{
    sf_status status;

    do { /* what the caches let go may be work for others */
        status = sf_test_driver_commit_once(driver, err);
        if (!status)
            status = sf_test_driver_process(driver, false, err);
    } while (!status && sf_test_driver_has_uncommitted(driver));
    return status;
}

sf_status sf_test_driver_advance(sf_test_driver *driver, int64_t by_ms, sf_error *err)
{
    sf_status status = SF_OK;

    sf_clock_manual_advance(driver->clock, by_ms);
    for (size_t i = 0; i < driver->task_count && !status; i++)
        status = sf_task_punctuate(driver->tasks[i].task, err);
    if (!status && !driver->commits_by_hand)
        status = sf_test_driver_commit_once(driver, err);
    return status ? status : sf_test_driver_run(driver, err);
}

/* ---- state ---- */

static sf_store *find_store(const sf_test_driver *driver, const char *name, int32_t partition)
{
    for (size_t i = 0; i < driver->task_count; i++) {
        sf_store *store = sf_task_stores_find(sf_task_stores_of(driver->tasks[i].task), name);

        if (store && driver->tasks[i].partition == partition)
            return store;
    }
    return sf_test_driver_global(driver, name);
}

sf_key_value_store *sf_test_driver_key_value_store(sf_test_driver *driver, const char *name,
                                                   int32_t partition)
{
    sf_store *store = find_store(driver, name, partition);

    return store ? sf_store_as_key_value(store) : NULL;
}

sf_session_store *sf_test_driver_session_store(sf_test_driver *driver, const char *name,
                                               int32_t partition)
{
    sf_store *store = find_store(driver, name, partition);

    return store ? sf_store_as_session(store) : NULL;
}

sf_versioned_store *sf_test_driver_versioned_store(sf_test_driver *driver, const char *name,
                                                   int32_t partition)
{
    sf_store *store = find_store(driver, name, partition);

    return store ? sf_store_as_versioned(store) : NULL;
}

sf_window_store *sf_test_driver_window_store(sf_test_driver *driver, const char *name,
                                             int32_t partition)
{
    sf_store *store = find_store(driver, name, partition);

    return store ? sf_store_as_window(store) : NULL;
}

sf_test_counters sf_test_driver_counters(const sf_test_driver *driver)
{
    sf_test_counters sum = {0};

    for (size_t i = 0; i < driver->task_count; i++) {
        const sf_task_counters *counters = sf_task_counters_of(driver->tasks[i].task);

        sum.processed += counters->processed;
        sum.dropped += counters->dropped;
        sum.skipped += counters->skipped;
        sum.dead_letters += counters->dead_letters;
    }
    for (size_t i = 0; i < driver->global_count; i++) {
        const sf_global_counters *counters = sf_global_store_counters(driver->globals[i]);

        sum.dropped += counters->dropped;
        sum.skipped += counters->skipped;
    }
    return sum;
}

/* ---- faults ---- */

sf_status sf_test_driver_abort(sf_test_driver *driver, sf_error *err)
{
    sf_status status = SF_OK;

    sf_test_topics_abort(&driver->topics);
    for (size_t i = 0; i < driver->task_count && !status; i++) {
        sf_driven *at = &driver->tasks[i];

        sf_task_abort(at->task);
        for (size_t k = 0; k < sf_task_input_count(at->task); k++) {
            at->inputs[k].pushed = (size_t)sf_task_position(at->task, k);
            sf_task_set_caught_up(at->task, k, true);
        }
        status = sf_task_start_work(at->task, NULL, err);
    }
    return status ? status : sf_test_driver_run(driver, err);
}

sf_status sf_test_driver_restart(sf_test_driver *driver, sf_test_crash crash, sf_error *err)
{
    sf_status status = SF_OK;

    stop(driver);
    sf_test_topics_abort(&driver->topics);
    if (crash == SF_CRASH_LOSES_STATE) {
        close_state(driver);
        status = open_state(driver, err);
    }
    if (!status)
        status = start(driver, err);
    return status ? status : sf_test_driver_run(driver, err);
}
