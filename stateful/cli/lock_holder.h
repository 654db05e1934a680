/* lock_holder.h - which process holds a lock file, without touching the lock. Any thread. */
#ifndef STATEFUL_CLI_LOCK_HOLDER_H
#define STATEFUL_CLI_LOCK_HOLDER_H

#include <sys/types.h>

/* 0 if nobody does, or the system does not say (/proc/locks). */
pid_t lock_holder(const char *path);

#endif
