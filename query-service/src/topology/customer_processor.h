/* customer_processor.h - keeps the newest version of each customer in CUSTOMERS_STORE, by id, 8 bytes
 * big-endian. */
#ifndef QUERY_SERVICE_TOPOLOGY_CUSTOMER_PROCESSOR_H
#define QUERY_SERVICE_TOPOLOGY_CUSTOMER_PROCESSOR_H

#include <stateful/processor.h>

#define CUSTOMERS_STORE "customers-store"

/* Takes customer_event by customer id; forwards nothing. */
extern const sf_processor customer_processor;

#endif
