/* order_state.h - what is known of one order, and what an event makes of it. Pure; any thread.
 *
 * 1 An event counts once: one whose version is not above the order's is a repetition, however late it
 *   comes. Events without a version count in the order of their arrival; a creation of a known order
 *   is always a repetition.
 * 2 A status for an order that was not created yet is held, the newest version of several, and takes
 *   effect with the creation. So the end is the same in whatever order the events come.
 * 3 The lines of an order are counted while is_counted; each change of it is reported once.
 */
#ifndef QUERY_SERVICE_STATE_ORDER_STATE_H
#define QUERY_SERVICE_STATE_ORDER_STATE_H

#include "events/order_event.h"

/* What a sale counts for. */
typedef enum sales_counting {
    SALES_NET,   /* no longer once it is cancelled, failed, returned or refunded */
    SALES_GROSS, /* for ever */
} sales_counting;

/* Bytes and lines are borrowed from the event or from what was decoded. */
typedef struct order_state {
    bool is_known;   /* its creation has come; else version and status are what is held */
    bool is_counted; /* its lines are in the sums */
    int64_t version;
    int64_t sold_at; /* ms: when it was created; hours and categories go by it */
    int64_t customer_id;
    sf_bytes status; /* as it was sent */
    const sold_line *lines;
    uint32_t line_count;
} order_state;

typedef enum order_news {
    ORDER_REPEATED,  /* nothing new */
    ORDER_HELD,      /* a status before its creation */
    ORDER_CHANGED,   /* the sums stay */
    ORDER_COUNT_IN,  /* all lines are to be added */
    ORDER_COUNT_OUT, /* all lines are to be taken away */
} order_news;

/* Whether an order in that status counts (net): all do but CANCELLED, FAILED, RETURNED and REFUNDED,
 * in letters of any case; words we do not know count. */
bool order_status_counts(sf_bytes status);

/* Whether it is one of the words that command-service writes. */
bool order_status_is_known(sf_bytes status);

/* Applies an event that happened at time_ms. *order, zero for one never heard of, borrows from event
 * afterwards. *missed (may be NULL) = how many versions between were never seen. */
order_news order_state_apply(order_state *order, const order_event *event, int64_t time_ms,
                             sales_counting counting, int64_t *missed);

/* As bytes in the arena, and back (borrowing from bytes). SF_STOP with SF_CORRUPT for bytes that
 * order_state_encode cannot have made. */
sf_bytes order_state_encode(const order_state *order, sf_arena *arena);
sf_status order_state_decode(sf_bytes bytes, sf_arena *arena, order_state *order, sf_error *err);

#endif
