/* kafka_waker.h - how a thread sleeps until one of several librdkafka queues has something for it.
 *
 * librdkafka calls a hook when an empty queue gets its first entry. The hook sets a flag of its own and
 * rings here; only a thread that waits costs a system call. The one who waits says so first and looks
 * at the flags after, the one who rings sets the flag first and looks whether someone waits after: one
 * of the two sees the other. */
#ifndef SF_KAFKA_KAFKA_WAKER_H
#define SF_KAFKA_KAFKA_WAKER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <stateful/error.h>

typedef struct sf_kafka_waker {
    int fd;
    atomic_bool is_waiting;
    atomic_bool is_woken; /* by sf_kafka_waker_wake, until a wait has seen it */
} sf_kafka_waker;

sf_status sf_kafka_waker_init(sf_kafka_waker *waker, sf_error *err);
void sf_kafka_waker_done(sf_kafka_waker *waker);

/* Ends a wait under way; the flag it tells of is set already. Any thread. */
void sf_kafka_waker_ring(sf_kafka_waker *waker);

/* Ends the wait under way or the next one. Any thread. */
void sf_kafka_waker_wake(sf_kafka_waker *waker);

/* Waits until rung, unless there is something already. timeout_ms -1: for ever. */
void sf_kafka_waker_wait(sf_kafka_waker *waker, int32_t timeout_ms,
                         bool (*has_something)(const void *user), const void *user);

#endif
