/* task_savepoint.c - what a refused piece of work has done is undone. */
#include <stateful/log.h>

#include "task/task_implementation.h"

void sf_task_count_drops(sf_task *task)
{
    for (size_t i = 0; i < SF_DROP_REASONS; i++) {
        task->counters.dropped_by[i] += task->context.dropped.by[i];
        task->counters.dropped += task->context.dropped.by[i];
    }
    task->context.dropped = (sf_drops){0};
}

void sf_task_mark(sf_task *task)
{
    sf_task_stores_mark(task->stores);
    sf_collector_mark(&task->collector);
    sf_operator_times_mark(&task->times);
    task->context.failed = NULL;
    task->context.dropped = (sf_drops){0};
}

void sf_task_undo(sf_task *task)
{
    sf_task_stores_undo(task->stores);
    sf_collector_undo(&task->collector);
    sf_operator_times_undo(&task->times);
    task->context.dropped = (sf_drops){0};
}

/* No single source has a say in it: it is passed over only if none of them wants failures to stop the
 * application. */
static bool may_pass_over(const sf_task *task)
{
    for (size_t i = 0; i < task->part->input_count; i++)
        if (task->topology->nodes[task->part->sources[i]].on_error == SF_ON_ERROR_FAIL)
            return false;
    return true;
}

sf_status sf_task_refuse_apart(sf_task *task, const sf_context *context, sf_error *err)
{
    const sf_context *failed = task->context.failed ? task->context.failed : context;

    sf_task_undo(task);
    if (!may_pass_over(task)) {
        (void)sf_error_prefix(err, SF_STOP, "%s", failed->node->name);
        if (err)
            err->status = SF_STOP;
        return SF_STOP;
    }
    sf_log(SF_LOG_WARN, "work skipped task=%s operator=%s reason=%s", task->id, failed->node->name,
           err ? err->text : "-");
    task->counters.skipped++;
    return SF_OK;
}

/* Output of the piece before may go now; none may leave in the middle of one. */
static sf_status begin(void *user, sf_error *err)
{
    sf_task *task = user;

    sf_task_count_drops(task);
    if (sf_collector_is_full(&task->collector)) {
        sf_status status = sf_collector_send(&task->collector, err);

        if (status)
            return status;
    }
    sf_task_mark(task);
    return SF_OK;
}

static sf_status refuse(void *user, const sf_context *context, sf_error *err)
{
    return sf_task_refuse_apart(user, context, err);
}

sf_savepoint_ops sf_task_savepoint_ops(sf_task *task)
{
    return (sf_savepoint_ops){begin, refuse, task};
}
