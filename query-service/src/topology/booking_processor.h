/* booking_processor.h - under which category a sale is booked: the one its product was in when it was
 * sold, as far as is known, and moved when more is known.
 *
 * 1 A line that is counted is in SALE_LINES_STORE, with the category it is booked under: UNKNOWN
 *   while nothing is known of its product.
 * 2 At any moment that category is what PRODUCTS_STORE says for the time of the sale. A new product
 *   version changes that for one span of time; exactly the lines in it move.
 * 3 All that goes into a category with a line comes out of it when the line moves or is taken out: so
 *   the sums of all categories are the sums of all products, and the end does not depend on the order
 *   in which lines and versions came.
 */
#ifndef QUERY_SERVICE_TOPOLOGY_BOOKING_PROCESSOR_H
#define QUERY_SERVICE_TOPOLOGY_BOOKING_PROCESSOR_H

#include <stateful/processor.h>

#include "topology/event_progress.h"

#define PRODUCTS_STORE "products-store"
#define SALE_LINES_STORE "sale-lines-store"

/* Both forward sales_total by category (text) and use both stores; progress is borrowed for the
 * topology's life. */
extern const sf_processor line_booking;                 /* takes line_change by product id */
sf_processor product_booking(event_progress *progress); /* takes product_event by product id */

#endif
