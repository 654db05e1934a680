/* commit.h - makes the work of a thread count, once. The stream thread's. */
#ifndef SF_RUNTIME_COMMIT_H
#define SF_RUNTIME_COMMIT_H

#include "runtime/worker.h"

/* Commits all that the worker's running tasks have done, and their positions whether they moved or
 * not; nothing if none runs. A failure leaves what commit.c says; recovery.h knows what to do. */
sf_status sf_commit(sf_worker *worker, sf_error *err);

#endif
