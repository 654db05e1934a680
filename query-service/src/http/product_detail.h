/* product_detail.h - one product from close by, and the best of all:
 *
 *   GET /api/analytics/products/{id}      name, category, what was sold and what was cancelled
 *   GET /api/analytics/top-products       by what they sold; limit= (1 to 100, usually 10)
 */
#ifndef QUERY_SERVICE_HTTP_PRODUCT_DETAIL_H
#define QUERY_SERVICE_HTTP_PRODUCT_DETAIL_H

#include "http/analytics.h"

/* Handlers; user is a const analytics_views. */
void product_detail_get(const sf_request *request, sf_reply *reply, void *user);
void top_products_get(const sf_request *request, sf_reply *reply, void *user);

#endif
