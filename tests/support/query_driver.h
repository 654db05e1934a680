/* query_driver.h - query-service's topology on the test driver, and its sums read back. Failures fail
 * the test. */
#ifndef TESTS_SUPPORT_QUERY_DRIVER_H
#define TESTS_SUPPORT_QUERY_DRIVER_H

#include <stateful/test_driver.h>

#include "state/customer_state.h"
#include "state/product_sales.h"
#include "support/sales_model.h"
#include "topology/query_topology.h"

/* Over product-events and order-events, money in cents. To be freed by query_topology_free. */
query_topology *query_driver_topology(sales_counting counting);

sf_test_driver *query_driver_new(const query_topology *topology, int32_t partitions,
                                 bool commit_by_hand);

/* Totals of one key, over all partitions; {0, 0} where there is no entry. */
product_sales query_driver_sales(sf_test_driver *driver, int64_t product_id);
sales_total query_driver_product(sf_test_driver *driver, int64_t product_id);
sales_total query_driver_category(sf_test_driver *driver, const char *category);
sales_total query_driver_hour(sf_test_driver *driver, int64_t product_id, int64_t start_ms);

/* Zero for one that nothing is known of; borrowed until the driver goes on. */
customer_state query_driver_customer(sf_test_driver *driver, int64_t customer_id);

/* All sums of a history's products. Entries that no history can have, of no line, or in two
 * partitions fail the test. */
void query_driver_sums(sf_test_driver *driver, sales_sums *sums);

#endif
