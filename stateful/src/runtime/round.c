#include "runtime/round.h"

#include "runtime/commit.h"
#include "runtime/take_up.h"

enum {
    READ_RECORDS = 4096,           /* of one partition at a time */
    PROCESS_RECORDS = 4096,        /* of one task at a time */
    STALE_COMMIT_MS = 3600 * 1000, /* brokers forget the positions of quiet groups */
    BACKLOG_RECORDS = 1000,        /* fewer may be marks of transactions, or our own open one */
};

/* Serves the group; what went wrong inside its callbacks comes out here. */
static sf_status serve_group(sf_worker *worker, sf_error *err)
{
    sf_status status = sf_consumer_poll(worker->consumer, err);
    sf_status inside = worker->rebalance_error.status;

    if (!inside)
        return status;
    if (err)
        *err = worker->rebalance_error;
    worker->rebalance_error = (sf_error){0};
    return inside;
}

static sf_status poll_input(sf_active_task *active, size_t index, bool *drained, sf_error *err)
{
    sf_active_input *input = &active->inputs[index];
    sf_status status = SF_OK;

    while (!status && sf_reader_is_ready(input->reader) && sf_task_wants(active->task, index)) {
        sf_record_batch *batch = NULL;

        status = sf_reader_read(input->reader, READ_RECORDS, &batch, err);
        if (!status && batch)
            sf_task_push(active->task, index, batch);
    }
    if (status)
        return sf_error_prefix(err, status, "task %s", sf_task_id(active->task));
    if (sf_reader_is_ready(input->reader))
        *drained = false;
    sf_task_set_caught_up(active->task, index,
                          !sf_reader_is_ready(input->reader) &&
                              sf_reader_position(input->reader) >= input->known_end);
    return SF_OK;
}

static sf_status poll_into_tasks(sf_round *round, sf_worker *worker, sf_error *err)
{
    sf_status status = SF_OK;

    round->has_drained = true;
    for (size_t i = 0; !status && i < worker->task_count; i++) {
        sf_active_task *active = worker->tasks[i];

        for (size_t k = 0; !status && active->state == SF_ACTIVE_RUNNING && k < active->input_count;
             k++) {
            if (active->inputs[k].reader)
                status = poll_input(active, k, &round->has_drained, err);
        }
    }
    return status;
}

/* What one call may add to a task's uncommitted bytes, so that all of them together are at most a quarter
 * beyond the thread's share when it is looked at. */
static size_t step_bytes(const sf_worker *worker)
{
    size_t bytes = worker->options.shares.dirty_bytes / 4 / worker->task_count;

    return bytes ? bytes : 1;
}

static sf_status process_tasks(sf_round *round, sf_worker *worker, sf_error *err)
{
    sf_status status = SF_OK;

    for (size_t i = 0; !status && i < worker->task_count; i++) {
        sf_active_task *active = worker->tasks[i];
        size_t processed = 0;

        if (active->state != SF_ACTIVE_RUNNING || !sf_task_can_process(active->task))
            continue;
        sf_task_set_step_bytes(active->task, step_bytes(worker));
        status = sf_task_process(active->task, PROCESS_RECORDS, &processed, err);
        round->worked = round->worked || processed > 0;
        if (sf_task_can_process(active->task))
            round->has_drained = false;
    }
    return status;
}

static sf_status punctuate_tasks(sf_worker *worker, sf_error *err)
{
    sf_status status = SF_OK;

    for (size_t i = 0; !status && i < worker->task_count; i++) {
        if (worker->tasks[i]->state == SF_ACTIVE_RUNNING)
            status = sf_task_punctuate(worker->tasks[i]->task, err);
    }
    return status;
}

/* A task asked for it, or holds more changes than memory allows. */
static bool commit_is_wanted(const sf_worker *worker)
{
    size_t dirty = 0;
    bool is_requested = false;

    for (size_t i = 0; i < worker->task_count; i++) {
        if (worker->tasks[i]->state != SF_ACTIVE_RUNNING)
            continue;
        dirty += sf_task_dirty_bytes(worker->tasks[i]->task);
        is_requested = is_requested || sf_task_commit_requested(worker->tasks[i]->task);
    }
    return is_requested || dirty >= worker->options.shares.dirty_bytes;
}

/* What has arrived is done, but much more is known to be there: the thread is not idle, it waits for a
 * fetch. A commit in each such pause would write the same keys again and again. */
static bool backlog_is_coming(const sf_worker *worker)
{
    for (size_t i = 0; i < worker->task_count; i++) {
        const sf_active_task *active = worker->tasks[i];

        for (size_t k = 0; active->state == SF_ACTIVE_RUNNING && k < active->input_count; k++) {
            const sf_reader *reader = active->inputs[k].reader;

            if (reader && sf_reader_end(reader) - sf_reader_position(reader) >= BACKLOG_RECORDS)
                return true;
        }
    }
    return false;
}

static bool commit_is_due(const sf_round *round, const sf_worker *worker)
{
    const sf_config *config = worker->options.config;
    int64_t since = sf_worker_since_commit_ms(worker);

    if (worker->positions_due || since >= STALE_COMMIT_MS)
        return true;
    if (!sf_worker_has_uncommitted(worker))
        return false;
    if (since >= config->commit_interval_ms || commit_is_wanted(worker))
        return true;
    return round->has_drained && sf_worker_idle_wait_us(worker) == 0 && !backlog_is_coming(worker);
}

static sf_status work(sf_round *round, sf_worker *worker, sf_error *err)
{
    sf_status status = poll_into_tasks(round, worker, err);

    if (!status)
        status = process_tasks(round, worker, err);
    if (!status)
        status = punctuate_tasks(worker, err);
    return status;
}

/* As if all were done: nothing but commits is to be done now. */
static sf_status rest(sf_round *round)
{
    round->has_drained = true;
    return SF_OK;
}

/* A task commits before its first record. While the broker still ends what a killed predecessor left open,
 * the tasks that are on their way go first: views can read each that is there. */
static bool first_commit_has_to_wait(sf_worker *worker)
{
    return worker->positions_due && sf_worker_is_taking_up(worker) &&
           !sf_sender_try_begin(worker->sender);
}

sf_status sf_round_run(sf_round *round, sf_worker *worker, sf_error *err)
{
    sf_status status = serve_group(worker, err);

    if (!status)
        status = sf_worker_check_layout(worker, err);
    if (!status)
        status = sf_take_up_tasks(worker, &round->worked, err);
    if (!status && first_commit_has_to_wait(worker))
        return rest(round);
    if (!status && worker->positions_due)
        status = sf_commit(worker, err);
    if (!status)
        status = sf_worker_is_paused(worker) ? rest(round) : work(round, worker, err);
    round->is_commit_due = !status && commit_is_due(round, worker);
    return status;
}
