/* state_routes.h - the state itself, for who wants to look behind the views:
 *
 *   GET /api/state/instances            this instance, and how far it is
 *   GET /api/state/stores               the stores and what their keys are
 *   GET /api/state/stores/{store}/{key} one value, as JSON
 */
#ifndef QUERY_SERVICE_HTTP_STATE_ROUTES_H
#define QUERY_SERVICE_HTTP_STATE_ROUTES_H

#include "http/analytics.h"
#include "service/router.h"

/* For callers with the role admin. views are borrowed as long as the router lives. */
void state_routes_add(sf_router *router, const analytics_views *views);

#endif
