/* command_routes.h - POST /commands: every command as {"type","payload"}, one dispatcher behind both
 * styles. The answers are those of the REST routes. */
#ifndef COMMAND_SERVICE_COMMAND_ROUTES_H
#define COMMAND_SERVICE_COMMAND_ROUTES_H

#include "service/router.h"
#include "write_model.h"

/* The model must outlive the router. */
void command_routes_add(sf_router *router, struct write_model *model);

#endif
