/* housekeeper.c - 1 The first cleaning comes a whole delay after the start: by then the tasks that an
 *   instance comes back to are held again.
 * 2 A task is removed only by who holds it, and only if it was last written a delay ago: who works on a
 *   task writes it at least hourly, and holds it.
 * 3 Records are purged by the one instance that holds the task which reads them, up to what is committed,
 *   never up to what was read.
 */
#include "runtime/housekeeper.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <stateful/broker_group.h>
#include <stateful/log.h>

#include "base/map.h"
#include "base/memory.h"
#include "base/timed_condition.h"
#include "store/meta.h"
#include "task/task_removal.h"
#include "topology/topology_implementation.h"

struct sf_housekeeper {
    sf_housekeeper_options options;
    sf_map *purged; /* "topic/partition" -> what it was purged up to, an int64_t */
    int64_t clean_due_us, purge_due_us;
    pthread_t id;
    bool has_thread;

    pthread_mutex_t lock; /* around what follows */
    pthread_cond_t changed;
    bool is_stopping;
};

sf_housekeeper *sf_housekeeper_new(const sf_housekeeper_options *options)
{
    sf_housekeeper *keeper = sf_zalloc(sizeof(*keeper));

    keeper->options = *options;
    keeper->purged = sf_map_new();
    pthread_mutex_init(&keeper->lock, NULL);
    sf_timed_condition_init(&keeper->changed);
    return keeper;
}

void sf_housekeeper_stop(sf_housekeeper *keeper)
{
    if (!keeper)
        return;
    pthread_mutex_lock(&keeper->lock);
    keeper->is_stopping = true;
    pthread_cond_signal(&keeper->changed);
    pthread_mutex_unlock(&keeper->lock);
}

void sf_housekeeper_free(sf_housekeeper *keeper)
{
    size_t position = 0;
    sf_bytes name;
    void *offset;

    if (!keeper)
        return;
    sf_housekeeper_stop(keeper);
    if (keeper->has_thread)
        (void)pthread_join(keeper->id, NULL); /* it was told to end */
    while (sf_map_next(keeper->purged, &position, &name, &offset))
        free(offset);
    sf_map_free(keeper->purged);
    pthread_cond_destroy(&keeper->changed);
    pthread_mutex_destroy(&keeper->lock);
    free(keeper);
}

/* ---- state of tasks that left ---- */

typedef struct left_task {
    size_t subtopology;
    int32_t partition;
} left_task;

typedef struct left_tasks {
    const sf_housekeeper *keeper;
    int64_t before_ms; /* last written then or earlier */
    left_task *items;
    size_t count;
} left_tasks;

/* Of another program's sub-topologies nothing is known here, so nothing is removed. */
static void note_left(void *user, const char *identity, int32_t partition, int64_t written_ms)
{
    left_tasks *left = user;
    const sf_topology *topology = left->keeper->options.topology;

    if (written_ms > left->before_ms ||
        sf_state_has_holder(left->keeper->options.state, identity, partition))
        return;
    for (size_t i = 0; i < topology->subtopology_count; i++) {
        if (strcmp(topology->subtopologies[i].identity, identity) != 0)
            continue;
        left->items = sf_realloc_array(left->items, left->count + 1, sizeof(left->items[0]));
        left->items[left->count++] = (left_task){.subtopology = i, .partition = partition};
    }
}

static sf_status remove_one(const sf_housekeeper *keeper, const left_task *task, size_t *removed,
                            sf_error *err)
{
    const sf_housekeeper_options *options = &keeper->options;
    const char *identity = options->topology->subtopologies[task->subtopology].identity;
    sf_status status;

    if (!sf_state_take_task(options->state, identity, task->partition))
        return SF_OK; /* it is back */
    status = sf_task_remove(
        &(sf_task_removal){
            .topology = options->topology,
            .subtopology = task->subtopology,
            .partition = task->partition,
            .application_id = options->application_id,
            .state = options->state,
        },
        err);
    sf_state_release_task(options->state, identity, task->partition);
    if (status)
        return status;
    ++*removed;
    sf_log(SF_LOG_INFO, "state of a task that left was removed task=%zu_%" PRId32,
           task->subtopology, task->partition);
    return SF_OK;
}

sf_status sf_housekeeper_clean(sf_housekeeper *keeper, size_t *removed, sf_error *err)
{
    left_tasks left = {
        .keeper = keeper,
        .before_ms = sf_clock_now_ms(keeper->options.clock) - keeper->options.cleanup_delay_ms,
    };
    sf_status status = sf_meta_visit(sf_state_database(keeper->options.state, false),
                                     SF_META_WRITTEN, note_left, &left, err);

    *removed = 0;
    for (size_t i = 0; !status && i < left.count; i++)
        status = remove_one(keeper, &left.items[i], removed, err);
    free(left.items);
    return status;
}

/* ---- records that were read ---- */

/* The sub-topology that reads a repartition topic, by its full name. */
static const sf_subtopology *reader_of(const sf_housekeeper *keeper, const char *name)
{
    const sf_topology *topology = keeper->options.topology;

    for (size_t i = 0; i < topology->subtopology_count; i++) {
        const sf_subtopology *part = &topology->subtopologies[i];

        for (size_t k = 0; k < part->input_count; k++) {
            const sf_topic *topic = &topology->topics[part->inputs[k]];
            char *full = sf_topology_topic_name(topic, keeper->options.application_id);
            bool is_it = topic->is_internal && !strcmp(full, name);

            free(full);
            if (is_it)
                return part;
        }
    }
    return NULL;
}

static bool is_news(const sf_housekeeper *keeper, const sf_offset *offset, const sf_buffer *name)
{
    const int64_t *before = sf_map_get(keeper->purged, sf_buffer_bytes(name));

    return offset->offset > 0 && (!before || offset->offset > *before);
}

static void note_purged(sf_housekeeper *keeper, const sf_offset *offset, const sf_buffer *name)
{
    int64_t *known = sf_map_get(keeper->purged, sf_buffer_bytes(name));

    if (!known) {
        known = sf_zalloc(sizeof(*known));
        (void)sf_map_put(keeper->purged, sf_buffer_bytes(name), known); /* it was not there */
    }
    *known = offset->offset;
}

static sf_status purge_one(sf_housekeeper *keeper, const sf_offset *offset, size_t *purged,
                           sf_error *err)
{
    const sf_subtopology *reader = reader_of(keeper, offset->topic);
    sf_buffer name = SF_BUFFER_EMPTY;
    sf_status status = SF_OK;

    if (!reader || !sf_state_has_holder(keeper->options.state, reader->identity, offset->partition))
        return SF_OK;
    sf_buffer_printf(&name, "%s/%" PRId32, offset->topic, offset->partition);
    if (is_news(keeper, offset, &name)) {
        status = sf_broker_delete_records(keeper->options.broker, offset->topic, offset->partition,
                                          offset->offset, err);
        if (!status) {
            note_purged(keeper, offset, &name);
            ++*purged;
        }
    }
    sf_buffer_done(&name);
    return status;
}

sf_status sf_housekeeper_purge(sf_housekeeper *keeper, size_t *purged, sf_error *err)
{
    sf_arena *arena = sf_arena_new();
    const sf_offset *offsets = NULL;
    size_t count = 0;
    sf_status status = sf_broker_group_offsets(
        keeper->options.broker, keeper->options.application_id, arena, &offsets, &count, err);

    *purged = 0;
    for (size_t i = 0; !status && i < count; i++)
        status = purge_one(keeper, &offsets[i], purged, err);
    sf_arena_free(arena);
    return status;
}

/* ---- the thread ---- */

static int64_t now_us(void)
{
    return sf_clock_monotonic_us(sf_clock_system()); /* threads wait by this one */
}

static int64_t due_in(int64_t interval_ms)
{
    return interval_ms < 0 ? INT64_MAX : now_us() + interval_ms * 1000;
}

static void clean_if_due(sf_housekeeper *keeper)
{
    sf_error error = {0};
    size_t removed;

    if (now_us() < keeper->clean_due_us)
        return;
    if (sf_housekeeper_clean(keeper, &removed, &error))
        sf_log(SF_LOG_WARN, "state of tasks that left could not be removed reason=\"%s\"",
               error.text);
    keeper->clean_due_us = due_in(keeper->options.cleanup_delay_ms);
}

static void purge_if_due(sf_housekeeper *keeper)
{
    sf_error error = {0};
    size_t purged = 0;

    if (now_us() < keeper->purge_due_us)
        return;
    if (sf_housekeeper_purge(keeper, &purged, &error))
        sf_log(SF_LOG_WARN, "repartition topics could not be purged reason=\"%s\"", error.text);
    else if (purged)
        sf_log(SF_LOG_DEBUG, "repartition topics purged partitions=%zu", purged);
    keeper->purge_due_us = due_in(keeper->options.purge_interval_ms);
}

/* Until something is due; false: it is to end. */
static bool wait_for_turn(sf_housekeeper *keeper)
{
    int64_t due_us =
        keeper->clean_due_us < keeper->purge_due_us ? keeper->clean_due_us : keeper->purge_due_us;
    const struct timespec due = sf_moment_at_us(due_us);
    int code = 0;
    bool goes_on;

    pthread_mutex_lock(&keeper->lock);
    while (!keeper->is_stopping && !code)
        code = pthread_cond_timedwait(&keeper->changed, &keeper->lock, &due);
    goes_on = !keeper->is_stopping;
    pthread_mutex_unlock(&keeper->lock);
    return goes_on;
}

static void *run(void *user)
{
    sf_housekeeper *keeper = user;

    (void)pthread_setname_np(pthread_self(), "housekeeper"); /* for debuggers */
    while (wait_for_turn(keeper)) {
        clean_if_due(keeper);
        purge_if_due(keeper);
    }
    return NULL;
}

static bool has_repartition(const sf_topology *topology)
{
    for (size_t i = 0; i < topology->topic_count; i++)
        if (topology->topics[i].is_internal)
            return true;
    return false;
}

sf_status sf_housekeeper_start(sf_housekeeper *keeper, sf_error *err)
{
    int code;

    if (!has_repartition(keeper->options.topology))
        keeper->options.purge_interval_ms = -1;
    if (keeper->options.purge_interval_ms < 0 && keeper->options.cleanup_delay_ms < 0)
        return SF_OK; /* there is nothing to do */
    keeper->clean_due_us = due_in(keeper->options.cleanup_delay_ms);
    keeper->purge_due_us = due_in(keeper->options.purge_interval_ms);
    code = pthread_create(&keeper->id, NULL, run, keeper);
    if (code)
        return sf_fail(err, SF_IO, "cannot start a thread: %s", strerror(code));
    keeper->has_thread = true;
    return SF_OK;
}
