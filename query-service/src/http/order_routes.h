/* order_routes.h - orders as they are read: entity.h says how.
 *
 *   GET /api/orders?customerId=&status=  {"items":[…],"next":null}
 *   GET /api/orders/{id}                 {"id":1,"customerId":1,"status":"CREATED","items":[…],
 *                                         "version":1,"createdAt":"…"}
 */
#ifndef QUERY_SERVICE_HTTP_ORDER_ROUTES_H
#define QUERY_SERVICE_HTTP_ORDER_ROUTES_H

#include "http/entity.h"
#include "service/router.h"

/* desk is borrowed as long as the router lives. */
void order_routes_add(sf_router *router, const entity_desk *desk);

#endif
