/* wake_bell.h - ends the wait of a thread from another one, whichever consumer it waits in. Any thread,
 * but for _init and _done. */
#ifndef SF_RUNTIME_WAKE_BELL_H
#define SF_RUNTIME_WAKE_BELL_H

#include <pthread.h>

#include <stateful/broker.h>

typedef struct sf_wake_bell {
    pthread_mutex_t lock;
    sf_consumer *consumer; /* NULL: nobody waits */
} sf_wake_bell;

void sf_wake_bell_init(sf_wake_bell *bell);
void sf_wake_bell_done(sf_wake_bell *bell);

/* From now on this one is woken; NULL before it is closed. */
void sf_wake_bell_hang(sf_wake_bell *bell, sf_consumer *consumer);

void sf_wake_bell_ring(sf_wake_bell *bell);

#endif
