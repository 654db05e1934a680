/* product_routes.h - POST /api/products and PUT /api/products/{id}. */
#ifndef COMMAND_SERVICE_PRODUCT_ROUTES_H
#define COMMAND_SERVICE_PRODUCT_ROUTES_H

#include "http_command.h"
#include "service/router.h"

/* The model must outlive the router. */
void product_routes_add(sf_router *router, struct write_model *model);

/* The answers, for other ways to the same commands. */
void product_routes_answer_create(struct http_command *http);
void product_routes_answer_update(struct http_command *http);

#endif
