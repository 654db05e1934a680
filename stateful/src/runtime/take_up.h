/* take_up.h - brings tasks from assigned to running, beside those that run already. The stream thread's.
 */
#ifndef SF_RUNTIME_TAKE_UP_H
#define SF_RUNTIME_TAKE_UP_H

#include "runtime/worker.h"

/* Takes each task that does not run one step further; never waits long. Sets worker->positions_due when
 * one begins to run: commit before its first record. */
sf_status sf_take_up_tasks(sf_worker *worker, bool *worked, sf_error *err);

#endif
