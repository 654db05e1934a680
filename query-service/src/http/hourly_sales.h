/* hourly_sales.h - GET /api/analytics/hourly-sales: what each product sold in each hour (UTC).
 *
 *   start, end   required, RFC 3339: hours that overlap [start, end); an aligned end is not included
 *   match=start  Kafka's own rule instead: hours that begin from start to end, both included
 *   productId    only this product
 *   closed=true  only hours that are over
 *   limit        at most so many rows (up to 10000); where more follow, Link: <…>; rel="next" leads on
 *
 * Without a limit the rows are sent while they are read, in bounded memory.
 *
 * A bare array, sorted by windowStart, then productId. Hours in which nothing that counts was sold
 * have no row.
 */
#ifndef QUERY_SERVICE_HTTP_HOURLY_SALES_H
#define QUERY_SERVICE_HTTP_HOURLY_SALES_H

#include "http/analytics.h"

/* A handler; user is a const analytics_views. */
void hourly_sales_get(const sf_request *request, sf_reply *reply, void *user);

#endif
