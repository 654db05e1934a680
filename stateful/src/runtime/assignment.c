#include "runtime/assignment.h"

#include <stdlib.h>

#include <stateful/log.h>

#include "runtime/app_topics.h"
#include "runtime/commit.h"

enum {
    HAND_OVER_MS = 5000, /* for the commit of tasks that go */
};

static bool is_of_program(const sf_worker *worker, size_t index)
{
    const sf_layout *layout = worker->options.layout;

    return index < sf_layout_task_count(layout) &&
           sf_layout_task_at(layout, index)->subtopology != SF_NO_SUBTOPOLOGY;
}

static void take_share(sf_worker *worker)
{
    size_t threads = (size_t)worker->options.config->num_stream_threads;
    size_t dealt = 0;

    for (size_t i = 0; i < sf_layout_task_count(worker->options.layout); i++) {
        if (is_of_program(worker, i) && dealt++ % threads == worker->options.number)
            sf_worker_add_task(worker, i);
    }
    worker->has_assignment = true;
}

static void on_assigned(void *user, const int32_t *partitions, size_t count)
{
    sf_worker *worker = user;

    for (size_t i = 0; i < count; i++) {
        if (is_of_program(worker, (size_t)partitions[i]))
            sf_worker_add_task(worker, (size_t)partitions[i]);
    }
    worker->has_assignment = true;
    worker->layout_due = true;
    sf_group_watch_nudge(worker->options.watch);
    sf_log(SF_LOG_INFO, "tasks assigned thread=%zu tasks=%zu owned=%zu", worker->options.number,
           count, worker->task_count);
}

/* The others wait for this callback. What has no outcome in time is begun anew: the new producer finds
 * out or undoes it, and until then the broker gives nobody the positions. What failed otherwise is aborted
 * at least: it must not ride in a later commit. */
static sf_status hand_over(sf_worker *worker, sf_error *err)
{
    sf_clock *clock = worker->options.config->clock;
    sf_status status;

    worker->deadline_us = sf_clock_monotonic_us(clock) + HAND_OVER_MS * INT64_C(1000);
    status = sf_commit(worker, err);
    if (status == SF_STOP && sf_clock_monotonic_us(clock) >= worker->deadline_us)
        status = SF_REBUILD_TASK;
    else if (status == SF_RETRY || status == SF_REJECT)
        status = SF_ABORT_COMMIT;
    worker->deadline_us = 0;
    return status;
}

/* The broker fences generations, not tasks: nothing of a task that goes may ride in a later commit. */
static void on_revoked(void *user, const int32_t *partitions, size_t count, bool lost)
{
    sf_worker *worker = user;
    sf_error *err = &worker->rebalance_error;

    sf_log(SF_LOG_INFO, "tasks revoked thread=%zu tasks=%zu lost=%s", worker->options.number, count,
           lost ? "true" : "false");
    if (lost)
        (void)sf_fail_with(err, SF_ABORT_COMMIT, SF_FENCED, "the assignment was lost");
    else if (!err->status && sf_worker_has_uncommitted(worker))
        err->status = hand_over(worker, err); /* until the callback's caller looks */
    worker->layout_due = true;
    sf_group_watch_nudge(worker->options.watch);
    for (size_t i = 0; i < count; i++)
        sf_worker_remove_task(worker, (size_t)partitions[i]);
}

static sf_status subscribe(sf_worker *worker, sf_error *err)
{
    const sf_rebalance_listener listener = {
        .assigned = on_assigned,
        .revoked = on_revoked,
        .user = worker,
    };
    char *topic = sf_app_topics_tasks_name(worker->options.config->application_id);
    sf_retry retry = sf_retry_begin(sf_worker_retry(worker));
    sf_status status;

    do
        status = sf_consumer_subscribe(worker->consumer, topic, &listener, err);
    while (sf_retry_again(&retry, &status, err));
    free(topic);
    return status;
}

sf_status sf_assignment_join(sf_worker *worker, sf_error *err)
{
    if (sf_broker_has_groups(worker->options.broker))
        return subscribe(worker, err);
    take_share(worker);
    return SF_OK;
}
