/* instance_lock.h - a journal has no groups to share tasks among instances, so there may be only one of an
 * application in its directory. Any thread. */
#ifndef SF_RUNTIME_INSTANCE_LOCK_H
#define SF_RUNTIME_INSTANCE_LOCK_H

#include <stateful/error.h>

/* Takes the place of the only instance on the journal of that address; *lock = a descriptor to be closed,
 * which gives it back, or -1 if the address is not that of a directory. SF_BUSY: somebody has it. */
sf_status sf_instance_lock_take(const char *address, const char *application_id, int *lock,
                                sf_error *err);

#endif
