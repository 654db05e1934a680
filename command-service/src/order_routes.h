/* order_routes.h - POST /api/orders, PUT /api/orders/{id}/status and GET /api/orders/{id}/events. */
#ifndef COMMAND_SERVICE_ORDER_ROUTES_H
#define COMMAND_SERVICE_ORDER_ROUTES_H

#include "http_command.h"
#include "service/router.h"

/* The model must outlive the router. */
void order_routes_add(sf_router *router, struct write_model *model);

/* The answers, for other ways to the same commands. */
void order_routes_answer_create(struct http_command *http);
void order_routes_answer_change(struct http_command *http);

#endif
