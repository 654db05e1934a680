/* task_commit.c - what a task does for a commit; the steps stand in task.h and DESIGN section 5. */
#include <string.h>

#include "store/meta.h"
#include "task/task_implementation.h"
#include "task/task_times.h"

bool sf_task_has_uncommitted(const sf_task *task)
{
    return task->has_uncommitted;
}

bool sf_task_commit_requested(const sf_task *task)
{
    return task->context.commit_requested;
}

size_t sf_task_dirty_bytes(const sf_task *task)
{
    return sf_task_stores_dirty_bytes(task->stores);
}

/* ---- step 1 ---- */

/* A change that cannot be read back from the store is not a matter of policy. */
static sf_status forward_cached(sf_task *task, sf_error *err)
{
    sf_status status = sf_task_stores_forward(task->stores, err);

    sf_task_count_drops(task);
    if (status == SF_REJECT && err)
        err->status = SF_STOP;
    return status == SF_REJECT ? SF_STOP : status;
}

sf_status sf_task_flush(sf_task *task, sf_state_commit *commit, sf_error *err)
{
    sf_status status;

    task->context.origin = NULL;
    task->context.dropped = (sf_drops){0};
    status = forward_cached(task, err);
    if (status)
        return status;
    task->collector.sends_at_once = true; /* nothing is taken back from here on */
    status = sf_task_stores_flush(task->stores, commit, err);
    task->collector.sends_at_once = false;
    if (!status)
        status = sf_collector_send(&task->collector, err);
    if (!status)
        sf_task_gather_times(task);
    return status;
}

int64_t sf_task_position(const sf_task *task, size_t input)
{
    return task->group.inputs[input].queue.position;
}

void sf_task_metadata(const sf_task *task, size_t input, sf_buffer *text)
{
    (void)input; /* all inputs carry all times: any one of them brings them back */
    sf_task_times_write(&task->times, text);
}

/* ---- step 4 ---- */

void sf_task_set_changelog_position(sf_task *task, size_t changelog, int64_t position)
{
    sf_task_changelog *at = &task->changelogs[changelog].changelog;

    if (position > at->position)
        at->position = position;
}

static sf_status put_positions(sf_task *task, sf_state_commit *commit, sf_error *err)
{
    sf_state_db *disk = sf_state_database(task->state, false);
    sf_status status = SF_OK;

    for (size_t i = 0; i < task->group.count && !status; i++)
        status =
            sf_meta_put(disk, sf_state_commit_batch(commit, false), SF_META_INPUT,
                        task->input_topics[i], task->partition, sf_task_position(task, i), err);
    for (size_t i = 0; i < task->changelog_count && !status; i++) {
        const sf_task_changelog *changelog = &task->changelogs[i].changelog;

        if (changelog->position >= 0)
            status =
                sf_meta_put(sf_state_database(task->state, changelog->in_memory),
                            sf_state_commit_batch(commit, changelog->in_memory), SF_META_CHANGELOG,
                            sf_store_name(sf_task_stores_at(task->stores, changelog->store)),
                            task->partition, changelog->position, err);
    }
    return status;
}

static sf_status put_times(sf_task *task, sf_state_commit *commit, sf_error *err)
{
    sf_state_db *disk = sf_state_database(task->state, false);
    sf_state_batch *batch = sf_state_commit_batch(commit, false);
    sf_buffer text = SF_BUFFER_EMPTY;
    sf_status status;

    sf_task_times_write(&task->times, &text);
    status = sf_meta_put_times(disk, batch, task->part->identity, task->partition,
                               sf_buffer_text(&text), err);
    sf_buffer_done(&text);
    if (!status)
        status = sf_meta_put(disk, batch, SF_META_WRITTEN, task->part->identity, task->partition,
                             sf_clock_now_ms(task->clock), err);
    return status;
}

sf_status sf_task_finish(sf_task *task, sf_state_commit *commit, sf_error *err)
{
    sf_status status = put_positions(task, commit, err);

    return status ? status : put_times(task, commit, err);
}

void sf_task_committed(sf_task *task)
{
    sf_task_stores_committed(task->stores);
    for (size_t i = 0; i < task->group.count; i++)
        task->committed.positions[i] = sf_task_position(task, i);
    task->committed.times = task->times;
    task->context.commit_requested = false;
    task->has_uncommitted = false;
}
