/* customer_routes.h - customers as they are read: entity.h says how.
 *
 *   GET /api/customers       {"items":[…],"next":null}; also as GET /users
 *   GET /api/customers/{id}  {"id":1,"name":"Ann","email":"ann@example.com","version":1}
 */
#ifndef QUERY_SERVICE_HTTP_CUSTOMER_ROUTES_H
#define QUERY_SERVICE_HTTP_CUSTOMER_ROUTES_H

#include "http/entity.h"
#include "service/router.h"

/* desk is borrowed as long as the router lives. */
void customer_routes_add(sf_router *router, const entity_desk *desk);

#endif
