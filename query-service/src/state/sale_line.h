/* sale_line.h - one line of an order: as it travels to its product, and as it lies there, booked under
 * a category. Pure; any thread.
 *
 * The identity of a line is (order, index), so the same product may come twice in an order. The time
 * of the sale is the record's timestamp, and part of the key: lines of a product lie in the order of
 * their sale, so that a late product version finds those it concerns by one scan.
 */
#ifndef QUERY_SERVICE_STATE_SALE_LINE_H
#define QUERY_SERVICE_STATE_SALE_LINE_H

#include <stateful/serde.h>

#include "events/product_event.h"
#include "state/sales_total.h"

/* A line on its way: change.lines is 1 for a line that is counted in, -1 for one that is taken out, 0
 * for one that is told of only because its order was created in a status that does not count. */
typedef struct line_change {
    int64_t order_id;
    int64_t index; /* of the line in its order, from 0 */
    sales_total change;
    sf_money gross; /* with the creation: what the line is worth, counted or not; else 0 */
    int64_t units;  /* change in pieces */
    int64_t orders; /* change.lines for the first line of its product in the order, else 0 */
} line_change;

/* On the wire: 8 bytes big-endian for each number of line_change. */
extern const sf_serde line_change_serde;

/* An id in flight as int64_t, on the wire in decimal digits: the same bytes, and so the same
 * partition, as the keys of product-events and order-events have. */
extern const sf_serde decimal_id_serde;

/* Where a line lies in sale-lines-store. */
typedef struct sale_key {
    int64_t product_id;
    int64_t sold_at; /* ms, not negative */
    int64_t order_id;
    int64_t index;
} sale_key;

enum { SALE_KEY_SIZE = 32 };

/* 8 bytes big-endian for each number, so that keys sort like them. */
void sale_key_write(const sale_key *key, uint8_t bytes[SALE_KEY_SIZE]);

/* What lies there. category is borrowed. */
typedef struct booked_sale {
    sf_money amount;
    sf_bytes category;
} booked_sale;

enum { BOOKED_SALE_SIZE_MAX = 8 + 4 * CATEGORY_POINTS_MAX };

/* As bytes at the given place, and back (borrowing from bytes). SF_STOP with SF_CORRUPT for bytes that
 * _write cannot have made. */
sf_bytes booked_sale_write(const booked_sale *sale, uint8_t bytes[BOOKED_SALE_SIZE_MAX]);
sf_status booked_sale_read(sf_bytes bytes, booked_sale *sale, sf_error *err);

#endif
