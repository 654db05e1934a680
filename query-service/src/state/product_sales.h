/* product_sales.h - what is known of one product's sales: the sum that everyone asks for, and what a
 * closer look shows. Pure; any thread.
 *
 * All of it is sums and one maximum, so the order in which lines come makes no difference.
 */
#ifndef QUERY_SERVICE_STATE_PRODUCT_SALES_H
#define QUERY_SERVICE_STATE_PRODUCT_SALES_H

#include "state/sale_line.h"

typedef struct product_sales {
    sales_total total;    /* of what counts */
    sf_money gross;       /* of all that was ever ordered; what does not count is the difference */
    int64_t units;        /* pieces that count */
    int64_t orders;       /* that count and have the product */
    int64_t last_sale_at; /* ms: the newest sale, whether it still counts or not */
} product_sales;

/* On the wire: 8 bytes big-endian for each number. */
extern const sf_serde product_sales_serde;

/* Adds a line that was sold at that time. False, and nothing is written, when a sum does not fit. */
bool product_sales_add(product_sales *sales, const line_change *line, int64_t sold_at);

/* The value as a store keeps it; zero for null. SF_STOP with SF_CORRUPT for a value of another size. */
sf_status product_sales_decode(sf_bytes wire, product_sales *sales, sf_error *err);

#endif
