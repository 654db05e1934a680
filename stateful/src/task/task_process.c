/* task_process.c - records through the pipeline, one savepoint each; punctuations between them. */
#include <inttypes.h>

#include <stateful/log.h>

#include "task/dead_letter.h"
#include "task/punctuations.h"
#include "task/task_implementation.h"

/* ---- queues ---- */

bool sf_task_wants(const sf_task *task, size_t input)
{
    return task->group.inputs[input].queue.record_count < task->queue_records;
}

void sf_task_push(sf_task *task, size_t input, sf_record_batch *batch)
{
    sf_record_queue_push(&task->group.inputs[input].queue, batch);
}

void sf_task_set_caught_up(sf_task *task, size_t input, bool caught_up)
{
    task->group.inputs[input].is_caught_up = caught_up;
}

int64_t sf_task_next_time(const sf_task *task)
{
    sf_group_input *input;

    if (!task->pipeline)
        return -1;
    /* Choosing prepares a head at most, which changes nothing that can be seen. */
    input = sf_partition_group_choose((sf_partition_group *)&task->group);
    return input ? input->queue.head.timestamp : -1;
}

bool sf_task_can_process(const sf_task *task)
{
    return sf_task_next_time(task) >= 0;
}

/* ---- records that are refused ---- */

static const char *failed_node(const sf_task *task)
{
    return task->context.failed ? task->context.failed->node->name : NULL;
}

/* With its reasons it is larger than it came; it must not vanish. */
static sf_status cannot_be_kept(const sf_task *task, sf_error *err)
{
    if (err)
        err->status = SF_STOP;
    return sf_error_prefix(err, SF_STOP, "dead letter of %s/%" PRId32 " at offset %" PRId64,
                           task->origin.topic, task->origin.partition, task->origin.offset);
}

static sf_status send_dead_letter(sf_task *task, const sf_queue_head *head, const sf_error *why,
                                  sf_error *err)
{
    sf_status status;
    sf_record letter = sf_dead_letter(&head->raw->record, &task->origin, failed_node(task), why,
                                      task->context.arena);

    sf_log(SF_LOG_WARN,
           "record becomes a dead letter topic=%s partition=%" PRId32 " offset=%" PRId64
           " task=%s reason=%s",
           task->origin.topic, task->origin.partition, task->origin.offset, task->id, why->text);
    task->counters.dead_letters++;
    status = sf_collector_add(
        &task->collector,
        &(sf_output){.topic = task->dead_letters, .partition = -1, .record = letter}, err);
    return status == SF_REJECT ? cannot_be_kept(task, err) : status;
}

/* why is that of the failure and is told to the caller if the policy is to fail. */
static sf_status refuse(sf_task *task, const sf_record_queue *queue, const sf_error *why,
                        sf_error *err)
{
    const sf_origin *at = &task->origin;
    const char *node = failed_node(task);

    sf_task_undo(task);
    switch (queue->source->on_error) {
    case SF_ON_ERROR_SKIP:
        sf_log(SF_LOG_WARN,
               "record skipped topic=%s partition=%" PRId32 " offset=%" PRId64
               " task=%s operator=%s reason=%s",
               at->topic, at->partition, at->offset, task->id, node ? node : "-", why->text);
        task->counters.skipped++;
        return SF_OK;
    case SF_ON_ERROR_DEAD_LETTER:
        return send_dead_letter(task, &queue->head, why, err);
    case SF_ON_ERROR_FAIL:
        break;
    }
    return sf_fail(err, why->code ? why->code : SF_BAD_DATA,
                   "record of %s/%" PRId32 " at offset %" PRId64 ": %s%s%s", at->topic,
                   at->partition, at->offset, node ? node : "", node ? ": " : "", why->text);
}

/* ---- one record ---- */

static sf_status run(sf_task *task, size_t index, sf_group_input *input, sf_error *why)
{
    const sf_queue_head *head = &input->queue.head;

    if (head->status) {
        *why = input->queue.head_error;
        return head->status;
    }
    sf_partition_group_take(&task->group, input);
    task->context.stream_time = task->group.stream_time;
    return sf_pipeline_process(task->pipeline, index, &head->record, why);
}

static sf_status fail_as(const sf_error *why, sf_status status, sf_error *err)
{
    if (err)
        *err = *why;
    return status;
}

static sf_status process_one(sf_task *task, sf_group_input *input, sf_error *err)
{
    size_t index = (size_t)(input - task->group.inputs);
    sf_error why;
    sf_status status;

    why.status = SF_OK;
    why.code = SF_NO_ERROR;
    why.text[0] = 0;
    sf_arena_reset(task->context.arena);
    sf_task_mark(task);
    task->origin.topic = task->input_topics[index];
    task->origin.partition = task->partition;
    task->origin.offset = input->queue.head.raw->offset;
    task->context.origin = &task->origin;
    task->has_uncommitted = true;
    status = run(task, index, input, &why);
    if (status == SF_REJECT)
        status = refuse(task, &input->queue, &why, err);
    else if (status)
        status = fail_as(&why, status, err);
    task->context.origin = NULL;
    if (status)
        return status;
    task->counters.processed++;
    sf_task_count_drops(task);
    sf_record_queue_pop(&input->queue);
    return SF_OK;
}

/* ---- punctuations ---- */

static sf_status punctuate_one(sf_task *task, sf_punctuation *due, int64_t time, sf_error *err)
{
    sf_context *context = due->context;
    sf_status status;

    sf_arena_reset(task->context.arena);
    sf_task_mark(task);
    task->has_uncommitted = true;
    status = due->schedule.punctuate(context->state, context, time, err);
    if (status == SF_REJECT)
        return sf_task_refuse_apart(task, context, err);
    sf_task_count_drops(task);
    return sf_error_prefix(err, status, "punctuation of %s", context->node->name);
}

static sf_status punctuate(sf_task *task, sf_schedule_clock clock, int64_t time, sf_error *err)
{
    sf_status status = SF_OK;
    sf_punctuation *due;

    while (!status && (due = sf_punctuations_take_due(&task->context, clock, time)))
        status = punctuate_one(task, due, time, err);
    return status;
}

static sf_status punctuate_stream_time(sf_task *task, sf_error *err)
{
    if (!task->context.punctuations || task->group.stream_time < 0)
        return SF_OK;
    return punctuate(task, SF_STREAM_TIME, task->group.stream_time, err);
}

sf_status sf_task_punctuate(sf_task *task, sf_error *err)
{
    sf_status status;

    if (!task->pipeline || !task->context.punctuations)
        return SF_OK;
    status = punctuate_stream_time(task, err);
    if (!status)
        status = punctuate(task, SF_WALL_CLOCK, sf_clock_now_ms(task->clock), err);
    return status ? status : sf_collector_send(&task->collector, err);
}

/* ---- many records ---- */

void sf_task_set_step_bytes(sf_task *task, size_t bytes)
{
    task->step_bytes = bytes;
}

static size_t dirty_end(const sf_task *task)
{
    return task->step_bytes ? sf_task_dirty_bytes(task) + task->step_bytes : SIZE_MAX;
}

sf_status sf_task_process(sf_task *task, size_t max, size_t *processed, sf_error *err)
{
    const size_t most_bytes = dirty_end(task);
    sf_group_input *input;
    sf_status status = SF_OK;

    *processed = 0;
    while (*processed < max && !task->context.commit_requested &&
           sf_task_dirty_bytes(task) < most_bytes &&
           (input = sf_partition_group_choose(&task->group))) {
        status = process_one(task, input, err);
        if (!status)
            status = punctuate_stream_time(task, err);
        if (!status && sf_collector_is_full(&task->collector))
            status = sf_collector_send(&task->collector, err);
        if (status)
            return status;
        ++*processed;
    }
    return sf_collector_send(&task->collector, err);
}
