/* sales_model.h - what the sums must be: the shop's rules in the plainest form, in memory, all at once,
 * written without a look at the topology.
 *
 * An order counts while its newest status counts. A line counts for its product, for the hour in which
 * the order was created, and for the category its product was in then: by the newest version from
 * before, else by the earliest there is, else UNKNOWN.
 */
#ifndef TESTS_SUPPORT_SALES_MODEL_H
#define TESTS_SUPPORT_SALES_MODEL_H

#include "support/sales_history.h"

enum {
    MODEL_PRODUCTS = HISTORY_PRODUCTS_MAX + 2, /* index: id */
    MODEL_CATEGORIES = HISTORY_CATEGORIES + 1,
    MODEL_UNKNOWN = HISTORY_CATEGORIES,
    MODEL_HOURS = HISTORY_TIME_MAX / HISTORY_TIMES_PER_HOUR + 1,
};

typedef struct sales_sum {
    int64_t minor;
    int64_t lines;
} sales_sum;

/* Comparable by memcmp. */
typedef struct sales_sums {
    sales_sum categories[MODEL_CATEGORIES];
    sales_sum products[MODEL_PRODUCTS];
    sales_sum hours[MODEL_PRODUCTS][MODEL_HOURS];
} sales_sums;

/* "A", "B", "C", "UNKNOWN". */
const char *sales_model_category(int category);

/* The sums after these events, in this order, redeliveries and all. */
void sales_model_sums(const sales_event *const *arrivals, size_t count, sales_sums *sums);

/* Whether categories, products and hours come to the same total. */
bool sales_sums_agree(const sales_sums *sums);

/* Prints both, to find the difference. */
void sales_sums_print(const sales_sums *expected, const sales_sums *found);

#endif
