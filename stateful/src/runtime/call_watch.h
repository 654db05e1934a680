/* call_watch.h - notices stream threads that wait for the broker in a call that does not come back, on a
 * thread of its own.
 *
 * librdkafka puts positions into a transaction at the group's coordinator and waits for that one without
 * limit. The thread that waits cannot give up, so somebody else has to say that it is over.
 */
#ifndef SF_RUNTIME_CALL_WATCH_H
#define SF_RUNTIME_CALL_WATCH_H

#include <stddef.h>

#include <stateful/error.h>

#include "runtime/broker_call.h"

typedef struct sf_call_watch sf_call_watch;

typedef struct sf_call_watch_options {
    const sf_broker_call *const
        *calls; /* of the threads, by number; copied, what they point to is not */
    size_t count;
    int64_t limit_ms;
    sf_clock *clock;
    void (*failed)(void *user, const sf_error *error); /* once, on its thread */
    void *user;
} sf_call_watch_options;

sf_call_watch *sf_call_watch_new(const sf_call_watch_options *options);
void sf_call_watch_free(sf_call_watch *watch); /* stops it; NULL is fine */

sf_status sf_call_watch_start(sf_call_watch *watch, sf_error *err);

#endif
