/* assignment.h - which tasks are a thread's own; nothing else knows how that is decided.
 *
 * On a broker with groups each thread is a member that subscribes to the tasks topic; on one without,
 * all tasks are this process's, dealt out to its threads once and for all. The stream thread's.
 */
#ifndef SF_RUNTIME_ASSIGNMENT_H
#define SF_RUNTIME_ASSIGNMENT_H

#include "runtime/worker.h"

/* Joins the group, or takes the worker's share. Tasks come and go inside sf_consumer_poll from then
 * on: one that is to go is committed before, unless the assignment was lost; what went wrong then
 * stands in worker->rebalance_error. */
sf_status sf_assignment_join(sf_worker *worker, sf_error *err);

#endif
