/* bench_orders.h - the order events of the pipeline benchmark (B2a): made from a seed, read back by a
 * plain scanner, so that the engine and the straight-line program do the same work on the same bytes.
 */
#ifndef TESTS_SUPPORT_BENCH_ORDERS_H
#define TESTS_SUPPORT_BENCH_ORDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"

enum { BENCH_ID_SIZE = 16, BENCH_EVENT_SIZE = 320 };

typedef struct bench_order {
    char customer[BENCH_ID_SIZE]; /* "c-0000001", NUL-padded, as all ids here */
    char product[BENCH_ID_SIZE];
    int64_t quantity;
    int64_t price_minor;
    int64_t time_ms;
} bench_order;

/* What is kept of each product, customer, and category and minute. */
typedef struct bench_sum {
    int64_t count;
    int64_t quantity;
    int64_t revenue_minor;
    int64_t least_minor;
    int64_t most_minor;
    int64_t last_ms;
} bench_sum;

typedef struct bench_orders {
    sf_random random;
    long products;  /* picked by Zipf's law */
    long customers; /* picked evenly */
    long made;
} bench_orders;

/* Writes the next event (JSON, about 190 bytes) and its key, the product; returns the event's size. */
size_t bench_orders_next(bench_orders *orders, char *json, char *product);

/* false for an event that is not one of ours. json need not end with NUL. */
bool bench_order_scan(const char *json, size_t size, bench_order *order);

/* The id and the category of a product by its number. */
void bench_product_id(long number, char *id);
const char *bench_product_category(long number);

void bench_sum_add(bench_sum *sum, const bench_order *order);

#endif
