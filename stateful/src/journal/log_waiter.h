/* log_waiter.h - lets one thread sleep until the log grows, by whichever process, or someone wakes it.
 *
 * Growth in this process and wake-ups come by an eventfd, growth by others by inotify; where that
 * cannot be had, or fails, a look every few ms or half a second is the safety net.
 */
#ifndef SF_JOURNAL_LOG_WAITER_H
#define SF_JOURNAL_LOG_WAITER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "journal/log_storage.h"

typedef struct sf_log_waiter {
    int event_fd;
    int watch_fd;     /* -1: none */
    bool needs_looks; /* others may append and there is no watch */
    atomic_bool is_waiting;
    atomic_bool is_woken;
    struct sf_log_waiter *next; /* the shared log's list */
} sf_log_waiter;

sf_status sf_log_waiter_init(sf_log_waiter *waiter, sf_log_storage *storage, sf_error *err);
void sf_log_waiter_done(sf_log_waiter *waiter);

/* Before the last look at whether there is something; then either _sleep or _leave. */
void sf_log_waiter_prepare(sf_log_waiter *waiter);
void sf_log_waiter_leave(sf_log_waiter *waiter);

/* Sleeps up to timeout_ms (-1: no end), maybe less: look again afterwards. */
void sf_log_waiter_sleep(sf_log_waiter *waiter, int64_t timeout_ms);

/* Whether it was woken since the last call. */
bool sf_log_waiter_take_wake(sf_log_waiter *waiter);

/* Wakes it, now or when it next sleeps. Any thread. */
void sf_log_waiter_wake(sf_log_waiter *waiter);

/* The log grew. Any thread. */
void sf_log_waiter_notify(sf_log_waiter *waiter);

#endif
