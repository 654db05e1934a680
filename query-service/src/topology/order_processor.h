/* order_processor.h - from order events to changes of the sums: each event counts once, and each line
 * of an order is added or taken away as a whole.
 */
#ifndef QUERY_SERVICE_TOPOLOGY_ORDER_PROCESSOR_H
#define QUERY_SERVICE_TOPOLOGY_ORDER_PROCESSOR_H

#include <stateful/processor.h>

#include "state/order_state.h"

#define ORDERS_STORE "orders-store"

/* Takes order_event by order id; forwards line_change by product id (int64_t in flight), at the time
 * of the sale, with the headers of its trace. Uses ORDERS_STORE. counting is borrowed for the topology's life. */
sf_processor order_processor(const sales_counting *counting);

#endif
