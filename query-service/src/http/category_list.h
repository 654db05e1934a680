/* category_list.h - all categories:
 *
 *   GET /api/analytics/categories  a page of them with their revenue, by name; see list_page.h
 *   GET /api/analytics/summary     what they come to together
 */
#ifndef QUERY_SERVICE_HTTP_CATEGORY_LIST_H
#define QUERY_SERVICE_HTTP_CATEGORY_LIST_H

#include "http/analytics.h"

/* Handlers; user is a const analytics_views. */
void category_list_get(const sf_request *request, sf_reply *reply, void *user);
void summary_get(const sf_request *request, sf_reply *reply, void *user);

#endif
