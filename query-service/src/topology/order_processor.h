/* order_processor.h - from order events to changes of the sums: each event counts once, and each line
 * of an order is added or taken away as a whole.
 */
#ifndef QUERY_SERVICE_TOPOLOGY_ORDER_PROCESSOR_H
#define QUERY_SERVICE_TOPOLOGY_ORDER_PROCESSOR_H

#include <stateful/processor.h>

#include "state/order_state.h"
#include "topology/event_progress.h"

#define ORDERS_STORE "orders-store"

/* What it needs beside its store. */
typedef struct order_rules {
    sales_counting counting;
    event_progress *progress;
} order_rules;

/* Takes order_event by order id; forwards line_change by product id (int64_t in flight), at the time
 * of the sale, with the headers of its trace. Uses ORDERS_STORE. rules are borrowed for
 * the topology's life. */
sf_processor order_processor(const order_rules *rules);

#endif
