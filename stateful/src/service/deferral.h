/* deferral.h - the exchanges of a server that wait for their replies, each with a deadline.
 *
 *   1 An exchange is in here, and its connection suspended, exactly from the adding to the sending of
 *     its reply or to its giving up, whichever comes first.
 *   2 After the closing nothing is in here, and what is added is given up on the spot.
 */
#ifndef SF_SERVICE_DEFERRAL_H
#define SF_SERVICE_DEFERRAL_H

#include <pthread.h>

#include "service/exchange_implementation.h"

/* Suspends or wakes the connection that carries an exchange; called with the lock held. */
typedef void (*sf_deferral_fn)(sf_exchange *exchange);

typedef struct sf_deferral {
    pthread_mutex_t lock; /* for all below */
    pthread_cond_t is_empty;
    sf_exchange *first;
    bool is_closed;
    int64_t timeout_ms;
    sf_deferral_fn suspend;
    sf_deferral_fn wake;
} sf_deferral;

void sf_deferral_init(sf_deferral *deferral, int64_t timeout_ms, sf_deferral_fn suspend,
                      sf_deferral_fn wake);
void sf_deferral_done(sf_deferral *deferral);

/* A handler has deferred its reply. Its thread. */
void sf_deferral_add(sf_deferral *deferral, sf_exchange *exchange);

/* Its reply was sent. Any thread. */
void sf_deferral_end(sf_deferral *deferral, sf_exchange *exchange);

/* Whether it is in here. Who wakes a connection holds the lock while he touches it, and so has let go
 * of it when this says no. Any thread. */
bool sf_deferral_has(sf_deferral *deferral, const sf_exchange *exchange);

/* Gives up all whose deadline lies before then; but those whose reply is just being sent are left to
 * who sends it. Any thread. */
void sf_deferral_give_up(sf_deferral *deferral, int64_t by_us);

/* Gives up all, and waits until nothing is in here. */
void sf_deferral_close(sf_deferral *deferral);

#endif
