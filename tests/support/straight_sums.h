/* straight_sums.h - what the straight-line programs of the pipeline benchmark (B2a) do with an order event: they look
 * the product's category up and keep three sums, by product, by customer, by category and minute, in a hash table
 * in front of RocksDB. No engine. One thread; what fails ends the process with a sentence.
 */
#ifndef TESTS_SUPPORT_STRAIGHT_SUMS_H
#define TESTS_SUPPORT_STRAIGHT_SUMS_H

#include <stateful/bytes.h>

#include "support/bench_orders.h"

typedef struct straight_sums straight_sums;

/* Its database is made in directory; memory goes with the process. */
straight_sums *straight_sums_open(const char *directory);

void straight_sums_add(straight_sums *sums, const char *event, size_t size);

/* Key and sum stay where they are. */
typedef void (*straight_change_fn)(void *user, sf_bytes key, const bench_sum *sum);

/* Puts what has changed since the last time into a batch, in order of stores and keys, and tells fn of each. */
void straight_sums_changes(straight_sums *sums, straight_change_fn fn, void *user);

/* Writes the batch, with the positions up to which events are in it. */
void straight_sums_write(straight_sums *sums, const int64_t *positions, size_t count);

/* Of all events, in minor units, by the sums of categories and minutes. */
int64_t straight_sums_revenue(const straight_sums *sums);

#endif
