/* restore_progress_implementation.h - estimates and tells. The stream thread's. */
#ifndef SF_RUNTIME_RESTORE_PROGRESS_IMPLEMENTATION_H
#define SF_RUNTIME_RESTORE_PROGRESS_IMPLEMENTATION_H

#include <stateful/restore_progress.h>

/* How long it will take from position to end at the speed from begin to position; -1: nothing is known
 * of its speed. */
int64_t sf_restore_progress_left_ms(const sf_restore_progress *progress);

#endif
