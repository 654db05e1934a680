/* order_routes.h - POST /api/orders and PUT /api/orders/{id}/status. */
#ifndef COMMAND_SERVICE_ORDER_ROUTES_H
#define COMMAND_SERVICE_ORDER_ROUTES_H

#include "service/router.h"
#include "write_model.h"

/* The model is borrowed for the router's life. */
void order_routes_add(sf_router *router, struct write_model *model);

#endif
