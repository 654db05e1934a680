/* analytics_routes.h - the analytics that query-service answers.
 *
 *   GET /api/analytics/products/{id}/sales            {"productId":1,"totalSales":1000.0}
 *   GET /api/analytics/categories/{category}/revenue  {"category":"Books","totalRevenue":0.0}
 *   GET /api/analytics/hourly-sales?start=…&end=…     see hourly_sales.h
 *   GET /api/analytics/products/{id}, top-products    see product_detail.h
 *   GET /api/analytics/categories, summary            see category_list.h
 *   GET /api/analytics/topology                       the graph, as Kafka Streams describes such, or
 *                                                     as JSON for who accepts that
 *   GET /api/analytics/sync-status                    {"lastProcessedEventTimestamp":"…",
 *                                                      "lagSeconds":0}: how old the newest event is
 *
 * What nothing is known of has sold nothing: sums say 200 with 0.0, never 404.
 */
#ifndef QUERY_SERVICE_HTTP_ANALYTICS_ROUTES_H
#define QUERY_SERVICE_HTTP_ANALYTICS_ROUTES_H

#include "http/analytics.h"
#include "service/router.h"

/* views are borrowed as long as the router lives. */
void analytics_routes_add(sf_router *router, const analytics_views *views);

#endif
