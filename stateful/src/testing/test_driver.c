/* test_driver.c - all tasks of a topology in one hand: a thread's loop without the thread, a broker's
 * topics without the broker. One transaction covers all tasks, as for a stream thread. */
#include <stateful/test_driver.h>

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "task/task.h"
#include "testing/test_topics.h"
#include "topology/topology_implementation.h"

typedef struct driven_input {
    size_t topic;
    size_t pushed; /* records handed to the task */
} driven_input;

typedef struct driven {
    sf_task *task;
    size_t subtopology;
    int32_t partition;
    driven_input *inputs;
} driven;

struct sf_test_driver {
    const sf_topology *topology;
    char *application_id;
    int32_t partitions;
    bool commits_by_hand;
    sf_clock *clock;
    int32_t *counts; /* of the topology's topics */
    sf_test_topics topics;
    sf_state *state;
    sf_state_commit *commit;
    driven *tasks;
    size_t task_count;
};

/* ---- the port ---- */

static sf_status open_topic(void *user, const char *topic, size_t *number, sf_error *err)
{
    sf_test_driver *driver = user;

    (void)err;
    *number = sf_test_topics_open(&driver->topics, topic, driver->partitions);
    return SF_OK;
}

static sf_status send(void *user, const sf_output *outputs, size_t count, sf_error *err)
{
    sf_test_driver *driver = user;

    (void)err;
    for (size_t i = 0; i < count; i++)
        sf_test_topics_append(&driver->topics, outputs[i].topic, outputs[i].partition,
                              &outputs[i].record);
    return SF_OK;
}

/* ---- tasks: made, restored, started ---- */

static sf_status make_task(sf_test_driver *driver, size_t subtopology, int32_t partition,
                           sf_error *err)
{
    driven *added = &driver->tasks[driver->task_count];
    sf_task_options options = {
        .topology = driver->topology,
        .subtopology = subtopology,
        .partition = partition,
        .application_id = driver->application_id,
        .state = driver->state,
        .output = {open_topic, send, driver},
        .clock = driver->clock,
        .max_idle_ms = -1,
    };
    sf_status status;

    *added = (driven){.subtopology = subtopology, .partition = partition};
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

static void free_tasks(sf_test_driver *driver)
{
    for (size_t i = 0; i < driver->task_count; i++) {
        sf_task_free(driver->tasks[i].task);
        free(driver->tasks[i].inputs);
    }
    free(driver->tasks);
    driver->tasks = NULL;
    driver->task_count = 0;
}

static sf_status restore_store(sf_test_driver *driver, const driven *at, size_t index,
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

static sf_status restore_task(sf_test_driver *driver, const driven *at, sf_error *err)
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
static sf_status start_task(sf_test_driver *driver, driven *at, sf_error *err)
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

static sf_status start_all(sf_test_driver *driver, sf_error *err)
{
    sf_status status = make_tasks(driver, err);

    for (size_t i = 0; i < driver->task_count && !status; i++)
        status = restore_task(driver, &driver->tasks[i], err);
    for (size_t i = 0; i < driver->task_count && !status; i++)
        status = start_task(driver, &driver->tasks[i], err);
    return status;
}

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
    made->clock = sf_clock_manual_new(options->now_ms);
    sf_test_topics_init(&made->topics);
    status = open_topics(made, err);
    if (!status)
        status = open_state(made, err);
    if (!status)
        status = start_all(made, err);
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
    free_tasks(driver);
    if (driver->state)
        close_state(driver);
    sf_test_topics_done(&driver->topics);
    sf_clock_manual_free(driver->clock);
    free(driver->counts);
    free(driver->application_id);
    free(driver);
}

/* ---- the loop ---- */

static void feed(sf_test_driver *driver)
{
    for (size_t i = 0; i < driver->task_count; i++) {
        driven *at = &driver->tasks[i];

        for (size_t k = 0; k < sf_task_input_count(at->task); k++) {
            sf_test_log *log =
                sf_test_topics_log(&driver->topics, at->inputs[k].topic, at->partition);

            if (log->count == at->inputs[k].pushed)
                continue;
            sf_task_push(at->task, k, sf_test_log_batch(log, at->inputs[k].pushed, log->count));
            at->inputs[k].pushed = log->count;
        }
    }
}

/* The task whose next record is the oldest; among equals the first. */
static driven *choose(const sf_test_driver *driver)
{
    driven *best = NULL;
    int64_t best_time = 0;

    for (size_t i = 0; i < driver->task_count; i++) {
        int64_t time = sf_task_next_time(driver->tasks[i].task);

        if (time >= 0 && (!best || time < best_time)) {
            best = &driver->tasks[i];
            best_time = time;
        }
    }
    return best;
}

static void commit_offsets(sf_test_driver *driver, const driven *at)
{
    for (size_t i = 0; i < sf_task_input_count(at->task); i++) {
        sf_test_log *log = sf_test_topics_log(&driver->topics, at->inputs[i].topic, at->partition);

        log->position = sf_task_position(at->task, i);
        sf_buffer_clear(&log->metadata);
        sf_task_metadata(at->task, i, &log->metadata);
    }
}

static void commit_changelog_positions(sf_test_driver *driver, const driven *at)
{
    for (size_t i = 0; i < sf_task_changelog_count(at->task); i++) {
        size_t topic =
            sf_test_topics_find(&driver->topics, sf_task_changelog_at(at->task, i)->topic);

        sf_task_set_changelog_position(
            at->task, i, (int64_t)sf_test_topics_log(&driver->topics, topic, at->partition)->count);
    }
}

static bool has_uncommitted(const sf_test_driver *driver)
{
    for (size_t i = 0; i < driver->task_count; i++)
        if (sf_task_has_uncommitted(driver->tasks[i].task))
            return true;
    return false;
}

/* The steps of DESIGN section 5, for all tasks. */
static sf_status commit(sf_test_driver *driver, sf_error *err)
{
    sf_status status = SF_OK;

    sf_state_commit_clear(driver->commit);
    for (size_t i = 0; i < driver->task_count && !status; i++)
        status = sf_task_flush(driver->tasks[i].task, driver->commit, err);
    if (status)
        return status;
    sf_test_topics_commit(&driver->topics);
    for (size_t i = 0; i < driver->task_count && !status; i++) {
        commit_offsets(driver, &driver->tasks[i]);
        commit_changelog_positions(driver, &driver->tasks[i]);
        status = sf_task_finish(driver->tasks[i].task, driver->commit, err);
    }
    if (!status)
        status = sf_state_commit_write(driver->commit, err);
    for (size_t i = 0; i < driver->task_count && !status; i++)
        sf_task_committed(driver->tasks[i].task);
    return status;
}

/* Until nothing is left to process; each record is committed, or none. */
static sf_status run(sf_test_driver *driver, bool commits, sf_error *err)
{
    sf_status status = SF_OK;
    driven *at;

    feed(driver);
    while (!status && (at = choose(driver))) {
        size_t processed;

        status = sf_task_process(at->task, 1, &processed, err);
        if (!status && !processed && !commits) /* it waits for the commit it asked for */
            break;
        if (!status && commits)
            status = commit(driver, err);
        feed(driver);
    }
    return status;
}

/* ---- input ---- */

static sf_status find_input(sf_test_driver *driver, const char *topic, size_t *number,
                            sf_error *err)
{
    *number = sf_test_topics_find(&driver->topics, topic);
    for (size_t i = 0; i < driver->topology->topic_count; i++) {
        const sf_topic *known = &driver->topology->topics[i];

        if (known->is_source && !known->is_internal && !strcmp(known->name, topic))
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
    if (driver->commits_by_hand && has_uncommitted(driver)) {
        /* What the test puts in is there to stay, whatever becomes of the output before it. */
        for (size_t i = 0; i < driver->topics.items[number].log_count; i++) {
            const sf_test_log *log = &driver->topics.items[number].logs[i];

            if (log->count > log->committed)
                return sf_fail(err, SF_INVALID,
                               "the topic '%s' has uncommitted output: commit first", topic);
        }
    }
    sf_test_topics_append(&driver->topics, number, -1, record);
    for (size_t i = 0; i < driver->topics.items[number].log_count; i++)
        driver->topics.items[number].logs[i].committed = driver->topics.items[number].logs[i].count;
    return SF_OK;
}

sf_status sf_test_driver_run(sf_test_driver *driver, sf_error *err)
{
    return run(driver, !driver->commits_by_hand, err);
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
        status = commit(driver, err);
        if (!status)
            status = run(driver, false, err);
    } while (!status && has_uncommitted(driver));
    return status;
}

sf_status sf_test_driver_advance(sf_test_driver *driver, int64_t by_ms, sf_error *err)
{
    sf_status status = SF_OK;

    sf_clock_manual_advance(driver->clock, by_ms);
    for (size_t i = 0; i < driver->task_count && !status; i++)
        status = sf_task_punctuate(driver->tasks[i].task, err);
    if (!status && !driver->commits_by_hand)
        status = commit(driver, err);
    return status ? status : sf_test_driver_run(driver, err);
}

/* ---- output ---- */

static size_t find_output(const sf_test_driver *driver, const char *name)
{
    size_t found = sf_test_topics_find(&driver->topics, name);
    char *full;

    if (found != SIZE_MAX)
        return found;
    full = sf_text_printf("%s-%s", driver->application_id, name);
    found = sf_test_topics_find(&driver->topics, full);
    free(full);
    return found;
}

bool sf_test_driver_read(sf_test_driver *driver, const char *topic, sf_record *record)
{
    size_t number = find_output(driver, topic);
    const sf_test_topic *at = number == SIZE_MAX ? NULL : &driver->topics.items[number];

    for (size_t i = 0; at && i < at->log_count; i++) {
        sf_test_log *log = &at->logs[i];

        if (log->read < log->committed) {
            *record = log->records[log->read++].record;
            return true;
        }
    }
    return false;
}

size_t sf_test_driver_produced(const sf_test_driver *driver, const char *topic)
{
    size_t number = find_output(driver, topic);
    size_t count = 0;

    for (size_t i = 0; number != SIZE_MAX && i < driver->topics.items[number].log_count; i++)
        count += driver->topics.items[number].logs[i].committed;
    return count;
}

size_t sf_test_driver_unread(const sf_test_driver *driver, const char *topic)
{
    size_t number = find_output(driver, topic);
    size_t count = 0;

    for (size_t i = 0; number != SIZE_MAX && i < driver->topics.items[number].log_count; i++)
        count += driver->topics.items[number].logs[i].committed -
                 driver->topics.items[number].logs[i].read;
    return count;
}

static bool is_input_only(const sf_test_driver *driver, const char *name)
{
    for (size_t i = 0; i < driver->topology->topic_count; i++) {
        const sf_topic *topic = &driver->topology->topics[i];

        if (!topic->is_internal && !topic->is_sink && !strcmp(topic->name, name))
            return true;
    }
    return false;
}

void sf_test_driver_topics(const sf_test_driver *driver, void (*fn)(void *user, const char *topic),
                           void *user)
{
    for (size_t i = 0; i < driver->topics.count; i++) {
        const char *name = driver->topics.items[i].name;

        if (!is_input_only(driver, name) && sf_test_driver_produced(driver, name))
            fn(user, name);
    }
}

/* ---- state ---- */

static sf_store *find_store(const sf_test_driver *driver, const char *name, int32_t partition)
{
    for (size_t i = 0; i < driver->task_count; i++) {
        sf_store *store = sf_task_stores_find(sf_task_stores_of(driver->tasks[i].task), name);

        if (store && driver->tasks[i].partition == partition)
            return store;
    }
    return NULL;
}

sf_key_value_store *sf_test_driver_key_value_store(sf_test_driver *driver, const char *name,
                                                   int32_t partition)
{
    sf_store *store = find_store(driver, name, partition);

    return store ? sf_store_as_key_value(store) : NULL;
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
    return sum;
}

/* ---- faults ---- */

sf_status sf_test_driver_abort(sf_test_driver *driver, sf_error *err)
{
    sf_status status = SF_OK;

    sf_test_topics_abort(&driver->topics);
    for (size_t i = 0; i < driver->task_count && !status; i++) {
        driven *at = &driver->tasks[i];

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

    free_tasks(driver);
    sf_test_topics_abort(&driver->topics);
    if (crash == SF_CRASH_LOSES_STATE) {
        close_state(driver);
        status = open_state(driver, err);
    }
    if (!status)
        status = start_all(driver, err);
    return status ? status : sf_test_driver_run(driver, err);
}
