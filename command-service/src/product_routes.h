/* product_routes.h - POST /api/products and PUT /api/products/{id}. */
#ifndef COMMAND_SERVICE_PRODUCT_ROUTES_H
#define COMMAND_SERVICE_PRODUCT_ROUTES_H

#include "service/router.h"
#include "write_model.h"

/* The model is borrowed for the router's life. */
void product_routes_add(sf_router *router, struct write_model *model);

#endif
