/* order_event.h - what order-events tell: OrderCreated and OrderStatusUpdated (or OrderUpdated, as
 * older writers call it).
 *
 * Money is exact: the price's digits are read as minor units of the one currency; more decimals than
 * it has are refused, never rounded.
 */
#ifndef QUERY_SERVICE_EVENTS_ORDER_EVENT_H
#define QUERY_SERVICE_EVENTS_ORDER_EVENT_H

#include <stdbool.h>

#include <stateful/serde.h>

#include "events/envelope.h"
#include "service/money.h"

enum {
    ORDER_EVENT_LINES_MAX = 1000,
    ORDER_EVENT_STATUS_POINTS_MAX = 40, /* code points; at most 160 bytes */
    ORDER_EVENT_STATUS_SIZE_MAX = 4 * ORDER_EVENT_STATUS_POINTS_MAX,
};

#define ORDER_EVENT_QUANTITY_MAX INT64_C(1000000)
#define ORDER_EVENT_PRICE_MAX INT64_C(1000000000000) /* minor units; times a quantity it fits */

typedef struct sold_line {
    int64_t product_id;
    sf_money price;   /* of one piece */
    int64_t quantity; /* from 1 */
} sold_line;

/* In flight: a flat struct with the lines, then the status's bytes behind it. */
typedef struct order_event {
    int64_t order_id;
    int64_t version;     /* from 1; 0: not said */
    int64_t occurred_at; /* ms, or EVENT_TIME_UNKNOWN */
    int64_t customer_id; /* 0 for a status event */
    bool is_creation;
    uint32_t line_count;  /* 0 for a status event */
    uint32_t status_size; /* in bytes */
    sold_line lines[];
} order_event;

/* The status: the creation's, or the one that the order has from now on. */
sf_bytes order_event_status(const order_event *event);

/* Makes JSON -> order_event for a currency with so many decimals. SF_REJECT for what makes no sense.
 * exponent is borrowed as long as the serde is used. */
sf_serde order_event_serde(const int *currency_exponent);

#endif
