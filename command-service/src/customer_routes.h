/* customer_routes.h - POST /api/customers and PUT /api/customers/{id}. */
#ifndef COMMAND_SERVICE_CUSTOMER_ROUTES_H
#define COMMAND_SERVICE_CUSTOMER_ROUTES_H

#include "http_command.h"
#include "service/router.h"

/* The model must outlive the router. */
void customer_routes_add(sf_router *router, struct write_model *model);

/* The answers, for other ways to the same commands. */
void customer_routes_answer_create(struct http_command *http);
void customer_routes_answer_update(struct http_command *http);

#endif
