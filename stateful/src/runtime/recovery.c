/* recovery.c - the way back after a failure.
 *
 *   SF_ABORT_COMMIT   the transaction is aborted, every pipeline of the thread is made anew with the times
 *                     and positions of the last commit, the readers go back to them
 *   SF_REBUILD_TASK   producer and consumer are made anew and every task is taken up again: positions
 *                     from the group, what the disk lacks from the changelogs' tails
 *   SF_RETRY          nothing happened: the next round asks again
 *   SF_STOP           the thread ends
 *
 * A member that was fenced by its own instance id is rebuilt too: after an outage the broker may take it
 * for a second one of that id. If there really is a second one, both are pushed out in turn until one of
 * them gives up.
 *
 * A commit in flight has come to its end before: commits are synchronous.
 */
#include "runtime/recovery.h"

#include <inttypes.h>

#include <stateful/log.h>

#include "base/memory.h"
#include "runtime/assignment.h"

enum {
    REBUILD_WINDOW_MS = 60000,
};

/* Commits that fail one after the other for as long as a broker may be away are the end. */
static sf_status give_up_if_endless(sf_worker *worker, sf_error *err)
{
    int64_t limit_ms = worker->options.config->task_timeout_ms;
    int64_t now = sf_worker_now_us(worker);

    if (!worker->trouble_us)
        worker->trouble_us = now > 0 ? now : 1;
    if (limit_ms < 0 || (now - worker->trouble_us) / 1000 < limit_ms)
        return SF_OK;
    err->status = SF_STOP;
    return sf_error_prefix(err, SF_STOP, "no commit came through for %" PRId64 " ms", limit_ms);
}

static sf_status rewind_task(sf_active_task *active, sf_error *err)
{
    sf_status status = SF_OK;

    sf_task_abort(active->task);
    for (size_t i = 0; !status && i < active->input_count; i++) {
        if (active->inputs[i].reader)
            status =
                sf_reader_seek(active->inputs[i].reader, sf_task_position(active->task, i), err);
    }
    if (!status)
        status = sf_task_start_work(active->task, NULL, err);
    return status;
}

static sf_status take_back(sf_worker *worker, sf_error *err)
{
    sf_status status = give_up_if_endless(worker, err);

    if (status)
        return status;
    sf_log(SF_LOG_WARN, "commit taken back thread=%zu reason=\"%s\"", worker->options.number,
           err->text);
    worker->counters.aborts++;
    status = sf_sender_abort(worker->sender, err);
    sf_state_commit_clear(worker->batch);
    for (size_t i = 0; !status && i < worker->task_count; i++) {
        if (worker->tasks[i]->state == SF_ACTIVE_RUNNING)
            status = rewind_task(worker->tasks[i], err);
    }
    return status;
}

/* Two instances with one id would push each other out for ever. */
static sf_status note_rebuild(sf_worker *worker, sf_error *err)
{
    size_t places = SF_ARRAY_LENGTH(worker->rebuilt_us);
    int64_t *oldest = &worker->rebuilt_us[worker->counters.rebuilds % places];
    int64_t now = sf_worker_now_us(worker);

    if (*oldest && now - *oldest < REBUILD_WINDOW_MS * 1000LL) {
        err->status = SF_STOP;
        err->code = SF_BUSY;
        return sf_error_prefix(err, SF_STOP,
                               "started anew %zu times within a minute (does another instance "
                               "run with the instance id %s?)",
                               places, worker->options.instance_id);
    }
    *oldest = now > 0 ? now : 1; /* 0: none */
    worker->counters.rebuilds++;
    return SF_OK;
}

static sf_status rebuild(sf_worker *worker, sf_error *err)
{
    sf_status status = note_rebuild(worker, err);

    if (status)
        return status;
    sf_log(SF_LOG_WARN, "tasks are taken up anew thread=%zu reason=\"%s\"", worker->options.number,
           err->text);
    sf_state_commit_clear(worker->batch);
    sf_worker_disconnect(worker);
    status = sf_worker_connect(worker, err);
    return status ? status : sf_assignment_join(worker, err);
}

static bool asks_for_rebuild(sf_status status, const sf_error *err)
{
    return status == SF_REBUILD_TASK || (status == SF_STOP && err->code == SF_FENCED);
}

sf_status sf_recover(sf_worker *worker, sf_status status, sf_error *err)
{
    while (status == SF_ABORT_COMMIT || asks_for_rebuild(status, err))
        status = status == SF_ABORT_COMMIT ? take_back(worker, err) : rebuild(worker, err);
    return status == SF_RETRY ? SF_OK : status;
}
