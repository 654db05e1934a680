/* commit.c - makes the work of a thread count, once.
 *
 * Exactly-once. Steps, in this order; a crash after one leaves what the right column says.
 *   1 collect   flush buffers, build the batch       nothing is visible or on disk: all is done again
 *   2 deliver   send positions, flush the producer   the same
 *   3 publish   end the transaction                  all is visible; disk is behind by this commit,
 *                                                    the changelog's tail is replayed
 *   4 keep      write state, positions, times        done: one batch, one database
 *
 * At least once there is no transaction: the positions are what publishes, and 3 and 4 change places.
 * State and changelog may be ahead of the group's positions, never behind, and the records in between are
 * processed again.
 *
 * 1 The positions of all inputs of running tasks are sent each time, changed or not: without one the
 *   broker would not be asked whether this member is still the one.
 * 2 The member's token is taken before the positions are, so that a rebalance in between is noticed.
 * 3 A task that just started commits its positions before its first record; the same transaction lists
 *   its inputs in the layout topic.
 * 4 After a rebalance the layout is looked at again first: two programs must not run one task under two
 *   numbers.
 * 5 A changelog that ends before where the state is, though something was written to it now, was deleted
 *   and made anew: no other instance could go on with what it holds. Nothing is published then.
 * 6 The positions are sent while the last records are on their way: the broker takes both, in either
 *   order, and makes neither visible before the transaction ends. Waiting for the one and then for the
 *   other would cost two round trips more.
 * 7 Nothing here goes on while another generation is in flight: the steps are separate functions over
 *   the worker's one batch so that 2-4 can be made to run beside the next records.
 */
#include "runtime/commit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "runtime/app_topics.h"
#include "runtime/latency.h"

static bool is_running(const sf_active_task *active)
{
    return active->state == SF_ACTIVE_RUNNING;
}

static bool any_runs(const sf_worker *worker)
{
    for (size_t i = 0; i < worker->task_count; i++) {
        if (is_running(worker->tasks[i]))
            return true;
    }
    return false;
}

static bool is_exactly_once(const sf_worker *worker)
{
    return worker->options.config->guarantee == SF_EXACTLY_ONCE_V2;
}

static sf_status after(sf_worker *worker, int step, sf_status status, sf_error *err)
{
    if (status || !worker->options.after_commit_step)
        return status;
    return worker->options.after_commit_step(worker->options.commit_user, step, err);
}

/* ---- 1 collect ---- */

static sf_status list_started(sf_worker *worker, const sf_active_task *active, sf_error *err)
{
    const sf_config *config = worker->options.config;
    char *topic = sf_app_topics_layout_name(config->application_id);
    sf_buffer text = SF_BUFFER_EMPTY;
    sf_status status = SF_OK;

    for (size_t i = 0; !status && i < active->input_count; i++) {
        const char *input = active->inputs[i].topic;
        int32_t partition = active->place->partition;
        sf_record record;

        if (!active->inputs[i].exists ||
            sf_layout_has_started(worker->options.layout, input, partition))
            continue;
        record = sf_layout_started_record(input, partition, sf_clock_now_ms(config->clock), &text);
        status = sf_sender_send(worker->sender, topic, 0, &record, err);
    }
    sf_buffer_done(&text);
    free(topic);
    return status;
}

static sf_status list_all_started(sf_worker *worker, sf_error *err)
{
    sf_status status = SF_OK;

    for (size_t i = 0; !status && worker->positions_due && i < worker->task_count; i++) {
        if (is_running(worker->tasks[i]))
            status = list_started(worker, worker->tasks[i], err);
    }
    return status;
}

static sf_status collect(sf_worker *worker, sf_error *err)
{
    sf_status status = SF_OK;

    sf_state_commit_clear(worker->batch);
    for (size_t i = 0; !status && i < worker->task_count; i++) {
        if (is_running(worker->tasks[i]))
            status = sf_task_flush(worker->tasks[i]->task, worker->batch, err);
    }
    if (!status && is_exactly_once(worker))
        status = list_all_started(worker, err);
    return after(worker, 1, status, err);
}

/* ---- positions, which go with 2 or with 3 ---- */

static sf_offset *add_offset(sf_worker *worker, size_t count)
{
    if (count == worker->offset_capacity) {
        worker->offset_capacity = 2 * count + 16;
        worker->offsets =
            sf_realloc_array(worker->offsets, worker->offset_capacity, sizeof(worker->offsets[0]));
    }
    return &worker->offsets[count];
}

/* The metadata texts stand one behind the other in one buffer that moves as it grows: positions in it
 * become pointers at the end. */
static void note_positions(sf_worker *worker, const sf_active_task *active, size_t *count)
{
    for (size_t i = 0; i < active->input_count; i++) {
        sf_offset *offset;

        if (!active->inputs[i].exists)
            continue;
        offset = add_offset(worker, *count);
        *offset = (sf_offset){
            .topic = active->inputs[i].topic,
            .partition = active->place->partition,
            .offset = sf_task_position(active->task, i),
        };
        sf_task_metadata(active->task, i, &worker->metadata);
        sf_buffer_add(&worker->metadata, "", 1);
        (*count)++;
    }
}

static size_t gather_positions(sf_worker *worker)
{
    size_t count = 0;
    const char *text;

    sf_buffer_clear(&worker->metadata);
    for (size_t i = 0; i < worker->task_count; i++) {
        if (is_running(worker->tasks[i]))
            note_positions(worker, worker->tasks[i], &count);
    }
    text = (const char *)worker->metadata.data;
    for (size_t i = 0; i < count; i++) {
        worker->offsets[i].metadata = text;
        text += strlen(text) + 1;
    }
    return count;
}

/* ---- 2 deliver ---- */

/* Something was written to it now, and yet it ends before where the state is. */
static bool is_another_log(const sf_active_changelog *changelog, int64_t end, int64_t position)
{
    return end >= 0 && end != changelog->sent_end && end <= position;
}

static sf_status check_changelog(const sf_worker *worker, const sf_active_task *active,
                                 size_t index, sf_error *err)
{
    const sf_task_changelog *changelog = sf_task_changelog_at(active->task, index);
    int64_t end = sf_sender_end_offset(worker->sender, changelog->topic, active->place->partition);

    if (!is_another_log(&active->changelogs[index], end, changelog->position))
        return SF_OK;
    return sf_fail(err, SF_CORRUPT,
                   "the state of task %s has topic %s up to offset %" PRId64
                   ", but what was written there now ends at %" PRId64
                   ": it lost its end, or it was deleted and made anew; reset the application",
                   sf_task_id(active->task), changelog->topic, changelog->position, end);
}

static sf_status check_changelogs(const sf_worker *worker, sf_error *err)
{
    sf_status status = SF_OK;

    for (size_t i = 0; !status && i < worker->task_count; i++) {
        const sf_active_task *active = worker->tasks[i];

        for (size_t k = 0; !status && is_running(active) && k < active->changelog_count; k++)
            status = check_changelog(worker, active, k, err);
    }
    return status;
}

static sf_status send_positions(sf_worker *worker, const sf_group_token *token, sf_error *err)
{
    size_t count = gather_positions(worker);

    return sf_sender_send_offsets(worker->sender, worker->offsets, count, token, err);
}

/* The token is NULL where there is no transaction. */
static sf_status deliver(sf_worker *worker, const sf_group_token *token, sf_error *err)
{
    sf_status status = is_exactly_once(worker) ? send_positions(worker, token, err) : SF_OK;

    if (!status)
        status = sf_sender_flush(worker->sender, err);
    if (!status)
        status = check_changelogs(worker, err);
    return after(worker, 2, status, err);
}

/* ---- 3 publish ---- */

static void note_listed(sf_worker *worker)
{
    for (size_t i = 0; worker->positions_due && i < worker->task_count; i++) {
        const sf_active_task *active = worker->tasks[i];

        for (size_t k = 0; is_running(active) && k < active->input_count; k++) {
            if (active->inputs[k].exists)
                sf_layout_set_started(worker->options.layout, active->inputs[k].topic,
                                      active->place->partition);
        }
    }
    worker->positions_due = false;
}

static sf_status publish_transaction(sf_worker *worker, sf_error *err)
{
    sf_status status = sf_sender_commit(worker->sender, err);

    if (!status)
        note_listed(worker);
    return after(worker, 3, status, err);
}

static sf_status commit_offsets(sf_worker *worker, size_t count, sf_error *err)
{
    sf_retry retry = sf_retry_begin(sf_worker_retry(worker));
    sf_status status;

    do
        status = sf_consumer_commit(worker->consumer, worker->offsets, count, err);
    while (sf_retry_again(&retry, &status, err));
    return status;
}

static sf_status publish_offsets(sf_worker *worker, sf_error *err)
{
    sf_status status = commit_offsets(worker, gather_positions(worker), err);

    if (!status)
        status = list_all_started(worker, err);
    if (!status && worker->positions_due)
        status = sf_sender_flush(worker->sender, err);
    if (!status)
        note_listed(worker);
    return after(worker, 4, status, err);
}

/* ---- 4 keep ---- */

static void note_changelogs(sf_worker *worker, sf_active_task *active)
{
    for (size_t i = 0; i < active->changelog_count; i++) {
        const char *topic = sf_task_changelog_at(active->task, i)->topic;
        int64_t end = sf_sender_end_offset(worker->sender, topic, active->place->partition);

        active->changelogs[i].sent_end = end;
        sf_task_set_changelog_position(active->task, i, end >= 0 ? end : -1);
    }
}

/* It counts already: what the disk lacks stands in the changelog. */
static sf_status not_kept(sf_error *err)
{
    err->status = SF_REBUILD_TASK;
    return sf_error_prefix(err, SF_REBUILD_TASK, "the state was not written");
}

static sf_status keep(sf_worker *worker, int step, sf_error *err)
{
    sf_status status = SF_OK;

    for (size_t i = 0; !status && i < worker->task_count; i++) {
        if (!is_running(worker->tasks[i]))
            continue;
        note_changelogs(worker, worker->tasks[i]);
        status = sf_task_finish(worker->tasks[i]->task, worker->batch, err);
    }
    if (!status)
        status = sf_state_commit_write(worker->batch, err);
    if (status)
        return not_kept(err);
    for (size_t i = 0; i < worker->task_count; i++) {
        if (is_running(worker->tasks[i]))
            sf_task_committed(worker->tasks[i]->task);
    }
    return after(worker, step, status, err);
}

/* ---- the two guarantees ---- */

static sf_status commit_exactly_once(sf_worker *worker, sf_error *err)
{
    sf_group_token *token = sf_consumer_token(worker->consumer);
    sf_status status = collect(worker, err);

    if (!status)
        status = deliver(worker, token, err);
    if (!status)
        status = publish_transaction(worker, err);
    if (!status)
        status = keep(worker, 4, err);
    sf_group_token_free(token);
    return status;
}

static sf_status commit_at_least_once(sf_worker *worker, sf_error *err)
{
    sf_status status = collect(worker, err);

    if (!status)
        status = deliver(worker, NULL, err);
    if (!status)
        status = keep(worker, 3, err);
    if (!status)
        status = publish_offsets(worker, err);
    return status;
}

sf_status sf_commit(sf_worker *worker, sf_error *err)
{
    int64_t began = sf_worker_now_us(worker);
    sf_status status;

    if (!any_runs(worker)) {
        worker->positions_due = false; /* of tasks that were let go before their first commit */
        return SF_OK;
    }
    status = sf_worker_check_layout(worker, err);
    if (!status)
        status = is_exactly_once(worker) ? commit_exactly_once(worker, err)
                                         : commit_at_least_once(worker, err);
    sf_commit_pace_add(&worker->pace, began, sf_worker_now_us(worker));
    if (!status) {
        worker->trouble_us = 0;
        worker->counters.commits++;
        sf_latency_add(&worker->counters.commit_latency, worker->pace.ended_us - began);
    }
    return status;
}
