/* task.c - the life of a task: made, started, aborted, freed. */
#include "task/task.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/meta.h"
#include "task/task_implementation.h"
#include "task/task_times.h"

enum {
    QUEUE_RECORDS = 8192,
    CACHE_BYTES = 8 * 1024 * 1024,
    ROW_OVERHEAD = 32, /* timestamps and what else a changelog has beside key and value */
};

/* ---- making ---- */

static sf_status on_change(void *user, size_t store, sf_bytes key, sf_bytes value,
                           int64_t timestamp, sf_error *err)
{
    sf_task *task = user;
    size_t changelog = task->changelog_of_store[store];
    sf_record record = {.key = key, .value = value, .timestamp = timestamp};

    if (changelog == task->changelog_count)
        return SF_OK;
    return sf_collector_add(&task->collector,
                            &(sf_output){.topic = task->changelogs[changelog].output,
                                         .partition = task->partition,
                                         .record = record},
                            err);
}

static sf_status open_stores(sf_task *task, const sf_task_options *wanted, sf_error *err)
{
    size_t count = task->part->store_count;
    size_t record_max = wanted->output.record_max_bytes;
    sf_store_options *options = sf_realloc_array(NULL, count + 1, sizeof(*options));
    sf_status status;

    for (size_t i = 0; i < count; i++) {
        options[i] = task->topology->stores[task->part->stores[i]].options;
        options[i].caching_off |= wanted->caching_off;
    }
    status = sf_task_stores_open(task->state, task->partition, options, count, on_change, task,
                                 &task->stores, err);
    free(options);
    if (status)
        return status;
    sf_task_stores_set_cache_bytes(task->stores,
                                   wanted->cache_bytes ? wanted->cache_bytes : CACHE_BYTES);
    if (wanted->cache)
        sf_task_stores_share_cache(task->stores, wanted->cache);
    sf_task_stores_set_logged_max(
        task->stores, record_max > ROW_OVERHEAD ? record_max - ROW_OVERHEAD : record_max);
    return SF_OK;
}

static sf_status open_changelog(sf_task *task, size_t store, const sf_store_options *options,
                                sf_error *err)
{
    sf_task_changelog_state *added = &task->changelogs[task->changelog_count];
    sf_state_db *db = sf_state_database(task->state, options->in_memory);
    sf_status status;

    task->changelog_of_store[store] = task->changelog_count++;
    added->topic = sf_topology_changelog_name(options->name, task->application_id);
    added->changelog = (sf_task_changelog){
        .topic = added->topic, .store = store, .in_memory = options->in_memory, .position = -1};
    status = sf_meta_get(db, SF_META_CHANGELOG, options->name, task->partition,
                         &added->changelog.position, err);
    if (!status)
        status =
            task->collector.port.open(task->collector.port.user, added->topic, &added->output, err);
    return status;
}

static sf_status open_changelogs(sf_task *task, sf_error *err)
{
    size_t count = task->part->store_count;
    sf_status status = SF_OK;

    task->changelogs = sf_zalloc((count + 1) * sizeof(*task->changelogs));
    task->changelog_of_store = sf_realloc_array(NULL, count + 1, sizeof(size_t));
    for (size_t i = 0; i < count; i++)
        task->changelog_of_store[i] = SIZE_MAX;
    for (size_t i = 0; i < count && !status; i++) {
        const sf_store_options *options = &task->topology->stores[task->part->stores[i]].options;

        if (!options->logging_off)
            status = open_changelog(task, i, options, err);
    }
    for (size_t i = 0; i < count; i++)
        if (task->changelog_of_store[i] == SIZE_MAX)
            task->changelog_of_store[i] = task->changelog_count;
    return status;
}

static sf_status open_output(sf_task *task, char *name, size_t *number, sf_error *err)
{
    sf_status status = task->collector.port.open(task->collector.port.user, name, number, err);

    free(name);
    return status;
}

static sf_status open_outputs(sf_task *task, sf_error *err)
{
    const sf_subtopology *part = task->part;
    sf_status status = SF_OK;

    task->outputs = sf_zalloc((part->output_count + 1) * sizeof(size_t));
    for (size_t i = 0; i < part->output_count && !status; i++)
        status = open_output(
            task,
            sf_topology_topic_name(&task->topology->topics[part->outputs[i]], task->application_id),
            &task->outputs[i], err);
    for (size_t i = 0; i < part->input_count && !status; i++)
        if (task->topology->nodes[part->sources[i]].on_error == SF_ON_ERROR_DEAD_LETTER)
            status = open_output(task, sf_topology_dead_letter_name(task->application_id),
                                 &task->dead_letters, err);
    return status;
}

static sf_status open_inputs(sf_task *task, const sf_task_options *options, sf_error *err)
{
    const sf_subtopology *part = task->part;
    sf_partition_group *group = &task->group;
    sf_status status = SF_OK;

    group->inputs = sf_zalloc(part->input_count * sizeof(*group->inputs));
    group->max_idle_ms = options->max_idle_ms;
    group->clock = options->clock;
    task->input_topics = sf_zalloc(part->input_count * sizeof(char *));
    task->stored_positions = sf_zalloc(part->input_count * sizeof(int64_t));
    task->committed.positions = sf_zalloc(part->input_count * sizeof(int64_t));
    for (size_t i = 0; i < part->input_count && !status; i++) {
        const sf_topic *topic = &task->topology->topics[part->inputs[i]];

        task->input_topics[i] = sf_topology_topic_name(topic, task->application_id);
        sf_record_queue_init(&group->inputs[i].queue, &task->topology->nodes[part->sources[i]],
                             topic->is_internal);
        group->inputs[i].waiting_until = -1;
        group->count++;
        status =
            sf_meta_get(sf_state_database(task->state, false), SF_META_INPUT, task->input_topics[i],
                        task->partition, &task->stored_positions[i], err);
    }
    return status;
}

static void init_context(sf_task *task, int64_t emit_interval_ms)
{
    task->context = (sf_pipeline_context){
        .arena = sf_arena_new(),
        .memory = sf_arena_new(),
        .clock = task->clock,
        .task_id = task->id,
        .application_id = task->application_id,
        .partition = task->partition,
        .state = task->state,
        .stream_time = -1,
        .times = &task->times,
        .emit_interval_ms = emit_interval_ms,
        .savepoint = sf_task_savepoint_ops(task),
    };
}

sf_status sf_task_new(const sf_task_options *options, sf_task **task, sf_error *err)
{
    sf_task *made = sf_zalloc(sizeof(*made));
    sf_status status;

    made->topology = options->topology;
    made->subtopology = options->subtopology;
    made->part = &options->topology->subtopologies[options->subtopology];
    made->partition = options->partition;
    (void)snprintf(made->id, sizeof(made->id), "%zu_%" PRId32, options->subtopology % 10000,
                   options->partition); /* fits */
    made->application_id = sf_text_copy(options->application_id);
    made->state = options->state;
    made->clock = options->clock;
    made->queue_records = options->queue_records ? options->queue_records : QUEUE_RECORDS;
    made->restoring = sf_state_commit_new(options->state);
    sf_collector_init(&made->collector, &options->output);
    init_context(made, options->emit_interval_ms);
    status = open_inputs(made, options, err);
    if (!status)
        status = open_outputs(made, err);
    if (!status)
        status = open_stores(made, options, err);
    if (!status)
        status = open_changelogs(made, err);
    if (status)
        sf_task_free(made);
    else
        *task = made;
    return status;
}

void sf_task_free(sf_task *task)
{
    if (!task)
        return;
    sf_pipeline_free(task->pipeline);
    if (task->is_published)
        sf_task_stores_unpublish(task->stores);
    if (task->stores)
        sf_task_stores_close(task->stores);
    for (size_t i = 0; i < task->changelog_count; i++) {
        sf_bulk_load_free(task->changelogs[i].load);
        free(task->changelogs[i].topic);
    }
    free(task->changelogs);
    free(task->changelog_of_store);
    for (size_t i = 0; i < task->group.count; i++) {
        sf_record_queue_done(&task->group.inputs[i].queue);
        free(task->input_topics[i]);
    }
    free(task->group.inputs);
    free(task->input_topics);
    free(task->stored_positions);
    free(task->committed.positions);
    free(task->outputs);
    sf_collector_done(&task->collector);
    sf_state_commit_free(task->restoring);
    sf_arena_free(task->context.arena);
    sf_arena_free(task->context.memory);
    free(task->application_id);
    free(task);
}

/* ---- what it is ---- */

const char *sf_task_id(const sf_task *task)
{
    return task->id;
}

size_t sf_task_input_count(const sf_task *task)
{
    return task->group.count;
}

const char *sf_task_input_topic(const sf_task *task, size_t input)
{
    return task->input_topics[input];
}

int64_t sf_task_stored_position(const sf_task *task, size_t input)
{
    return task->stored_positions[input];
}

size_t sf_task_buffered(const sf_task *task, size_t input)
{
    return task->group.inputs[input].queue.record_count;
}

const sf_task_counters *sf_task_counters_of(const sf_task *task)
{
    return &task->counters;
}

sf_task_stores *sf_task_stores_of(sf_task *task)
{
    return task->stores;
}

/* ---- times ---- */

int64_t *sf_task_partition_time(sf_task *task, size_t input)
{
    const sf_topic *topic = &task->topology->topics[task->part->inputs[input]];

    return sf_operator_times_slot(&task->times, sf_operator_times_id("partition", topic->name));
}

int64_t *sf_task_store_time(sf_task *task, size_t store)
{
    const sf_topology_store *kept = &task->topology->stores[task->part->stores[store]];

    if (kept->options.kind == SF_KEY_VALUE_STORE)
        return NULL; /* it observes none */
    return sf_operator_times_slot(&task->times, sf_operator_times_id("store", kept->options.name));
}

void sf_task_gather_times(sf_task *task)
{
    for (size_t i = 0; i < task->group.count; i++) {
        int64_t *time = sf_task_partition_time(task, i);

        if (time)
            *time = task->group.inputs[i].queue.partition_time;
    }
    for (size_t i = 0; i < task->part->store_count; i++) {
        int64_t *time = sf_task_store_time(task, i);

        if (time)
            *time = sf_store_observed_time(sf_task_stores_at(task->stores, i));
    }
}

/* From task->times to where they are used. A restored store may have seen more. */
static void spread_times(sf_task *task)
{
    sf_partition_group *group = &task->group;

    group->stream_time = -1;
    for (size_t i = 0; i < group->count; i++) {
        int64_t *time = sf_task_partition_time(task, i);

        group->inputs[i].queue.partition_time = time ? *time : -1;
        if (time && *time > group->stream_time)
            group->stream_time = *time;
    }
    task->context.stream_time = group->stream_time;
    for (size_t i = 0; i < task->part->store_count; i++) {
        sf_store *store = sf_task_stores_at(task->stores, i);
        int64_t *time = sf_task_store_time(task, i);

        if (time && *time > sf_store_observed_time(store))
            sf_store_set_observed_time(store, *time);
    }
}

/* ---- starting and going back ---- */

static sf_status read_times(sf_task *task, const sf_task_start *starts, sf_error *err)
{
    sf_buffer text = SF_BUFFER_EMPTY;
    sf_status status = sf_meta_get_times(sf_state_database(task->state, false),
                                         task->part->identity, task->partition, &text, err);

    if (!status)
        sf_task_times_merge(&task->times, sf_buffer_text(&text));
    sf_buffer_done(&text);
    for (size_t i = 0; i < task->group.count && !status; i++) {
        task->group.inputs[i].queue.position = starts[i].offset;
        task->committed.positions[i] = starts[i].offset;
        sf_task_times_merge(&task->times, starts[i].metadata);
    }
    return status;
}

sf_status sf_task_start_work(sf_task *task, const sf_task_start *starts, sf_error *err)
{
    sf_pipeline_options options = {
        .topology = task->topology,
        .subtopology = task->subtopology,
        .context = &task->context,
        .stores = task->stores,
        .collector = &task->collector,
        .outputs = task->outputs,
    };
    sf_status status = starts ? read_times(task, starts, err) : SF_OK;

    if (status)
        return status;
    spread_times(task);
    status = sf_pipeline_new(&options, &task->pipeline, err);
    if (status)
        return status;
    sf_task_gather_times(task);
    task->committed.times = task->times;
    if (!task->is_published)
        sf_task_stores_publish(task->stores);
    task->is_published = true;
    return SF_OK;
}

void sf_task_abort(sf_task *task)
{
    sf_pipeline_free(task->pipeline);
    task->pipeline = NULL;
    sf_collector_clear(&task->collector);
    sf_task_stores_abort(task->stores);
    for (size_t i = 0; i < task->group.count; i++) {
        sf_group_input *input = &task->group.inputs[i];

        sf_record_queue_clear(&input->queue);
        input->queue.position = task->committed.positions[i];
        input->waiting_until = -1;
        input->is_caught_up = false;
    }
    task->times = task->committed.times;
    task->context.origin = NULL;
    task->context.commit_requested = false;
    task->has_uncommitted = false;
}
