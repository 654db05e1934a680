/* exchange_implementation.h - the insides of an exchange, for the room's own files.
 *
 *            sf_reply_defer            sf_reply_send
 *   OPEN ------------------> DEFERRED ---------------> SENT       the host goes on with the reply
 *                               |  sf_exchange_give_up
 *                               +--------------------> LATE       the host answers by itself; the
 *                                                                 reply stays the holder's
 * Two may hold an exchange: the host (its connection) and who has the deferred reply. The last one
 * frees it. The step out of DEFERRED is one atomic exchange, so exactly one of the two wins it.
 */
#ifndef SF_SERVICE_EXCHANGE_IMPLEMENTATION_H
#define SF_SERVICE_EXCHANGE_IMPLEMENTATION_H

#include <stdatomic.h>

#include "service/exchange.h"
#include "service/reply_implementation.h"
#include "service/request_implementation.h"

typedef enum sf_exchange_state {
    SF_EXCHANGE_OPEN,
    SF_EXCHANGE_DEFERRED,
    SF_EXCHANGE_SENT,
    SF_EXCHANGE_LATE,
} sf_exchange_state;

/* What carries exchanges; a test has none. */
typedef struct sf_exchange_host sf_exchange_host;
struct sf_exchange_host {
    /* The exchange waits for its reply from now on. Thread of the handler. */
    void (*suspend)(sf_exchange_host *host, sf_exchange *exchange);
    /* The reply is there: go on. Any thread. */
    void (*resume)(sf_exchange_host *host, sf_exchange *exchange);
};

struct sf_exchange {
    sf_request request;
    sf_reply reply;
    _Atomic int holders;
    _Atomic int state; /* sf_exchange_state */
    sf_exchange_host *host;
    void *carrier; /* the host's */
    /* Of deferral.h, and guarded by its lock. */
    sf_exchange *previous, *next;
    bool is_waiting;
    int64_t deadline_us;
};

/* An exchange for many requests, one after the other; held by the host. */
sf_exchange *sf_exchange_new_for(sf_exchange_host *host, void *carrier);

/* Forgets the request before and begins with the next; target is copied. */
void sf_exchange_begin(sf_exchange *exchange, const char *target);

/* The host's share is given back. */
void sf_exchange_release(sf_exchange *exchange);

/* Whether nobody else holds it, so that it may be begun again. */
bool sf_exchange_is_free(sf_exchange *exchange);

sf_exchange_state sf_exchange_get_state(sf_exchange *exchange);

/* From DEFERRED to LATE; false when the reply was just sent. */
bool sf_exchange_give_up(sf_exchange *exchange);

/* Closes the reply before it is sent (sf_reply_finish with what the request knows). */
void sf_exchange_finish(sf_exchange *exchange);

#endif
