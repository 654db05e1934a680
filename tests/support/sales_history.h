/* sales_history.h - random histories of a shop: products that change category, orders that come too
 * early or are cancelled, and all the ways in which their events may reach the query topology.
 *
 * A history is a stream of events for each product and each order. Small numbers on purpose: what can
 * meet, meets often. The same seed gives the same history.
 */
#ifndef TESTS_SUPPORT_SALES_HISTORY_H
#define TESTS_SUPPORT_SALES_HISTORY_H

#include <stdbool.h>

#include <stateful/record.h>

#include "base/random.h"

enum {
    HISTORY_PRODUCTS_MAX = 3, /* the next id is ordered, too, but never created */
    HISTORY_ORDERS_MAX = 6,
    HISTORY_LINES_MAX = 3,
    HISTORY_CATEGORIES = 3, /* "A", "B", "C" */
    HISTORY_STREAMS_MAX = HISTORY_PRODUCTS_MAX + HISTORY_ORDERS_MAX,
    HISTORY_EVENTS_MAX = 4, /* of a stream */
    HISTORY_ARRIVALS_MAX = 2 * HISTORY_STREAMS_MAX * HISTORY_EVENTS_MAX,
    HISTORY_TIME_MAX = 40,
    HISTORY_TIMES_PER_HOUR = 5,
};

/* What a time of 0 means, and one step, in ms. */
#define HISTORY_BEGIN_MS INT64_C(1772150400000) /* 2026-02-27T00:00:00Z */
#define HISTORY_STEP_MS (INT64_C(3600000) / HISTORY_TIMES_PER_HOUR)

typedef enum sales_event_kind {
    SALES_PRODUCT,
    SALES_ORDER,
    SALES_STATUS,
} sales_event_kind;

typedef struct sales_event {
    sales_event_kind kind;
    int id; /* of the product or order, from 1 */
    int version;
    int time;
    int category; /* of a product, from 0 */
    bool counts;  /* of a status */
    const char *status;
    int line_count; /* of an order */
    struct {
        int product;
        int quantity;
        int price_minor;
    } lines[HISTORY_LINES_MAX];
} sales_event;

typedef struct sales_history {
    struct {
        sales_event events[HISTORY_EVENTS_MAX];
        int count;
    } streams[HISTORY_STREAMS_MAX];
    int stream_count;
} sales_history;

void sales_history_make(sales_history *history, sf_random *random);

typedef enum arrival_order {
    ARRIVES_IN_STREAM_ORDER, /* as from Kafka: each stream in order, but for redeliveries */
    ARRIVES_IN_ANY_ORDER,
} arrival_order;

/* One way in which the events may arrive, a quarter of them followed by a redelivery of some earlier
 * one. Returns how many; they point into the history. */
size_t sales_history_arrive(const sales_history *history, sf_random *random, arrival_order order,
                            const sales_event *arrivals[HISTORY_ARRIVALS_MAX]);

/* The event as the command side publishes it: its topic, and the record in the arena. */
const char *sales_event_topic(const sales_event *event);
sf_record sales_event_record(const sales_event *event, sf_arena *arena);

#endif
