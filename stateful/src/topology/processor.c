#include "topology/processor_implementation.h"

#include <string.h>

#include "store/task_stores.h"

static sf_status failed_in(sf_context *context, sf_status status)
{
    if (!context->pipeline->failed)
        context->pipeline->failed = context;
    return status;
}

/* The two things that are refused on the way; both are rare, so the main road is two compares. */
static sf_status check(sf_context *context, const sf_record *record, sf_error *err)
{
    if (record->timestamp < 0)
        return failed_in(context,
                         sf_reject(err, "forwarded a record with the negative timestamp %lld",
                                   (long long)record->timestamp));
    if (context->is_locked && !sf_bytes_equal(record->key, context->key))
        return failed_in(context, sf_fail(err, SF_INVALID, "may not change the key of a record"));
    return SF_OK;
}

static inline sf_status call(const sf_context_child *child, const sf_record *record, sf_error *err)
{
    sf_status status = child->process(child->state, child->context, record, err);

    return status ? failed_in(child->context, status) : SF_OK;
}

sf_status sf_context_forward(sf_context *context, const sf_record *record, sf_error *err)
{
    const sf_context_child *child = context->children;
    const sf_context_child *end = child + context->child_count;
    sf_status status = SF_OK;

    if (record->timestamp < 0 || context->is_locked)
        status = check(context, record, err);
    for (; !status && child < end; child++)
        status = call(child, record, err);
    return status;
}

sf_status sf_context_forward_to(sf_context *context, const char *child, const sf_record *record,
                                sf_error *err)
{
    sf_status status = check(context, record, err);

    if (status)
        return status;
    for (size_t i = 0; i < context->child_count; i++)
        if (!strcmp(context->children[i].context->node->name, child))
            return call(&context->children[i], record, err);
    return failed_in(context, sf_fail(err, SF_INVALID, "has no child '%s' to forward to", child));
}

sf_status sf_context_forward_cached(sf_context *context, const sf_record *record, sf_error *err)
{
    const sf_savepoint_ops *savepoint = &context->pipeline->savepoint;
    sf_status status = savepoint->begin(savepoint->task, err);

    if (!status)
        status = sf_context_forward(context, record, err);
    return status == SF_REJECT ? savepoint->refuse(savepoint->task, context, err) : status;
}

sf_status sf_context_process_locked(void *state, sf_context *context, const sf_record *record,
                                    sf_error *err)
{
    sf_status status;

    context->key = record->key;
    context->is_locked = true;
    status = context->node->processor->process(state, context, record, err);
    context->is_locked = false;
    return status;
}

sf_status sf_context_pass(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    (void)state;
    return sf_context_forward(context, record, err);
}

sf_arena *sf_context_arena(sf_context *context)
{
    return context->pipeline->arena;
}

static sf_store *connected_store(sf_context *context, const char *name)
{
    for (size_t i = 0; i < context->node->store_count; i++)
        if (!strcmp(sf_store_name(context->stores[i]), name))
            return context->stores[i];
    return NULL;
}

sf_key_value_store *sf_context_key_value_store(sf_context *context, const char *name)
{
    sf_store *store = connected_store(context, name);

    return store ? sf_store_as_key_value(store) : NULL;
}

sf_window_store *sf_context_window_store(sf_context *context, const char *name)
{
    sf_store *store = connected_store(context, name);

    return store ? sf_store_as_window(store) : NULL;
}

sf_session_store *sf_context_session_store(sf_context *context, const char *name)
{
    sf_store *store = connected_store(context, name);

    return store ? sf_store_as_session(store) : NULL;
}

sf_versioned_store *sf_context_versioned_store(sf_context *context, const char *name)
{
    sf_store *store = connected_store(context, name);

    return store ? sf_store_as_versioned(store) : NULL;
}

int64_t sf_context_stream_time(const sf_context *context)
{
    return context->pipeline->stream_time;
}

int64_t sf_context_now(const sf_context *context)
{
    return sf_clock_now_ms(context->pipeline->clock);
}

const sf_origin *sf_context_origin(const sf_context *context)
{
    return context->pipeline->origin;
}

const char *sf_context_task_id(const sf_context *context)
{
    return context->pipeline->task_id;
}

int32_t sf_context_partition(const sf_context *context)
{
    return context->pipeline->partition;
}

const char *sf_context_application_id(const sf_context *context)
{
    return context->pipeline->application_id;
}

/* By stream time at once, but after a restart (or an abort) what was due by the time that is known then
 * has been called before. */
static int64_t first_due(const sf_context *context, const sf_schedule *schedule)
{
    const sf_pipeline_context *pipeline = context->pipeline;
    int64_t interval = schedule->interval_ms;

    if (schedule->clock == SF_WALL_CLOCK)
        return sf_context_now(context) + interval;
    if (!pipeline->is_starting || pipeline->stream_time < 0)
        return 0;
    return (pipeline->stream_time / interval + 1) * interval;
}

sf_status sf_context_schedule(sf_context *context, const sf_schedule *schedule,
                              sf_punctuation **punctuation, sf_error *err)
{
    sf_pipeline_context *pipeline = context->pipeline;
    sf_punctuation **last = &pipeline->punctuations;
    sf_punctuation *added;

    if (schedule->interval_ms <= 0 || !schedule->punctuate)
        return sf_fail(err, SF_INVALID, "a schedule needs an interval above 0 and a function");
    added = sf_arena_zalloc(pipeline->memory, sizeof(*added));
    added->context = context;
    added->schedule = *schedule;
    added->due = first_due(context, schedule);
    while (*last)
        last = &(*last)->next;
    *last = added;
    if (punctuation)
        *punctuation = added;
    return SF_OK;
}

void sf_punctuation_cancel(sf_punctuation *punctuation)
{
    punctuation->is_cancelled = true;
}

void sf_context_request_commit(sf_context *context)
{
    context->pipeline->commit_requested = true;
}

void sf_context_count_dropped_for(sf_context *context, sf_drop_reason reason)
{
    context->pipeline->dropped.by[reason]++;
}

void sf_context_count_dropped(sf_context *context)
{
    sf_context_count_dropped_for(context, SF_DROP_OTHER);
}

sf_status sf_context_time(sf_context *context, const char *kind, const char *name, int64_t **time,
                          sf_error *err)
{
    *time = sf_operator_times_slot(context->pipeline->times, sf_operator_times_id(kind, name));
    if (!*time)
        return sf_fail(err, SF_INVALID, "more than %d operators of a task keep a time",
                       SF_OPERATOR_TIMES_MAX);
    return SF_OK;
}
