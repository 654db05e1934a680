/* recovery.h - what a thread does about a failure that is not the end. The stream thread's. */
#ifndef SF_RUNTIME_RECOVERY_H
#define SF_RUNTIME_RECOVERY_H

#include "runtime/worker.h"

/* Acts on the reaction in status (err says why): SF_OK when the thread can go on, SF_STOP with err when
 * it cannot, or when the same has been tried for too long. */
sf_status sf_recover(sf_worker *worker, sf_status status, sf_error *err);

#endif
