/* customer_processor.h - keeps the newest version of each customer in CUSTOMERS_STORE, by id, 8 bytes
 * big-endian. */
#ifndef QUERY_SERVICE_TOPOLOGY_CUSTOMER_PROCESSOR_H
#define QUERY_SERVICE_TOPOLOGY_CUSTOMER_PROCESSOR_H

#include <stateful/processor.h>

#include "topology/event_progress.h"

#define CUSTOMERS_STORE "customers-store"

/* Takes customer_event by customer id; forwards nothing. progress is borrowed for the topology's life. */
sf_processor customer_processor(event_progress *progress);

#endif
