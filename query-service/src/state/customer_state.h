/* customer_state.h - what is known of one customer: the newest version that was told. Pure; any thread.
 */
#ifndef QUERY_SERVICE_STATE_CUSTOMER_STATE_H
#define QUERY_SERVICE_STATE_CUSTOMER_STATE_H

#include "events/customer_event.h"

/* Zero: nothing is known. Texts are borrowed from the event or from what was decoded. */
typedef struct customer_state {
    int64_t version; /* from 1 */
    sf_bytes name;
    sf_bytes email; /* size 0: none is known */
} customer_state;

/* Takes what an event tells; false if that was known, or older. Events without a version count in the
 * order of their arrival, but a creation of a known customer is a repetition. */
bool customer_state_apply(customer_state *customer, const customer_event *event);

/* As bytes in the arena, and back (borrowing from bytes; null gives zero). SF_STOP with SF_CORRUPT for
 * bytes that customer_state_encode cannot have made. */
sf_bytes customer_state_encode(const customer_state *customer, sf_arena *arena);
sf_status customer_state_decode(sf_bytes bytes, customer_state *customer, sf_error *err);

#endif
