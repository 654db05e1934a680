/* query_topology.h - the read side as a graph: from events to the three views.
 *
 *   order-events ──► order-state  [orders-store]
 *                        │ line changes
 *                        ▼ lines-by-product ─────────────────────────────── repartition
 *                        ├──► [product-sales-store]   what each product sold
 *                        ├──► [hourly-sales-store]    the same by hour of the sale
 *                        └──► book-line    ┐
 *   product-events ──────────► book-product┤ [products-store] [sale-lines-store]
 *                                          │ category changes
 *                                          ▼ lines-by-category ──────────── repartition
 *                                          └──► [category-revenue-store]    revenue of each category
 *   customer-events ──► customer-state  [customers-store]      the newest version of each customer
 */
#ifndef QUERY_SERVICE_TOPOLOGY_QUERY_TOPOLOGY_H
#define QUERY_SERVICE_TOPOLOGY_QUERY_TOPOLOGY_H

#include <stateful/topology.h>

#include "state/order_state.h"
#include "topology/event_progress.h"

/* The stores of the views. Keys: product id, 8 bytes big-endian; category as text; product id by
 * window. Values: sales_total_serde, but product_sales_serde in the first. In the others, what has no
 * counted line has no entry. */
#define PRODUCT_SALES_STORE "product-sales-store"
#define HOURLY_SALES_STORE "hourly-sales-store"
#define CATEGORY_REVENUE_STORE "category-revenue-store"

#define HOUR_MS INT64_C(3600000)

/* Hours are kept, and may still change, for so long. */
#define HOURS_RETENTION_MS (400 * 24 * HOUR_MS)

typedef struct query_topology_options {
    const char *product_topic;
    const char *order_topic;
    const char *customer_topic;
    int currency_exponent; /* decimals of a price */
    sales_counting counting;
} query_topology_options;

typedef struct query_topology query_topology;

/* options are copied. */
sf_status query_topology_new(const query_topology_options *options, query_topology **topology,
                             sf_error *err);

/* After all that runs it. NULL is fine. */
void query_topology_free(query_topology *topology);

/* The graph itself; lives as long as topology. */
const sf_topology *query_topology_graph(const query_topology *topology);

/* How far its events are processed; lives as long as topology. */
const event_progress *query_topology_progress(const query_topology *topology);

#endif
