/* sales_total.h - a sum of money and how many lines are in it: what all three views are made of, and
 * what changes them. Pure; any thread.
 */
#ifndef QUERY_SERVICE_STATE_SALES_TOTAL_H
#define QUERY_SERVICE_STATE_SALES_TOTAL_H

#include <stateful/serde.h>

#include "service/money.h"

/* In flight, and as it lies in stores: two numbers. A change has negative ones where something is
 * taken away. */
typedef struct sales_total {
    sf_money amount;
    int64_t lines;
} sales_total;

/* On the wire: the amount in minor units and the count, 8 bytes big-endian each. */
extern const sf_serde sales_total_serde;

/* *total += change. False, and nothing is written, when the result does not fit. */
bool sales_total_add(sales_total *total, sales_total change);

/* The total in a value as a store keeps it; zero for null. SF_STOP with SF_CORRUPT for
 * a value of another size. */
sf_status sales_total_decode(sf_bytes wire, sales_total *total, sf_error *err);

#endif
