/* router.h - which handler answers what: a table of methods and paths.
 *
 * A path is made of segments, "/api/orders/{id}/status"; {id} takes one segment that is not empty.
 * The first route that fits wins. A HEAD goes to GET's handler, OPTIONS and unknown methods are
 * answered from the table (204 and 405, with Allow), unknown paths with 404, and paths that cannot be
 * decoded with 400. The table is filled before the server starts; handlers run on any thread.
 */
#ifndef SF_SERVICE_ROUTER_H
#define SF_SERVICE_ROUTER_H

#include <stdbool.h>

#include "service/reply.h"
#include "service/request.h"

typedef struct sf_router sf_router;
typedef struct sf_exchange sf_exchange;

/* Parses, calls, replies; runs on a thread of the server, so it may read fast but must not wait: who
 * must wait defers (reply.h). One that replies nothing gives a 500. */
typedef void (*sf_handler)(const sf_request *request, sf_reply *reply, void *user);

typedef struct sf_route {
    const char *method; /* "GET" */
    const char *path;   /* "/api/orders/{id}" */
    sf_handler handle;
} sf_route;

sf_router *sf_router_new(void);
void sf_router_free(sf_router *router);

/* Adds routes, which are borrowed for the router's life, with the user pointer of their handlers. */
void sf_router_add(sf_router *router, const sf_route *routes, size_t count, void *user);

/* The same for callers of certain roles: sf_router_add is for every caller that is known. */
void sf_router_add_for(sf_router *router, unsigned roles, const sf_route *routes, size_t count,
                       void *user);

/* Asked before each handler whether the request may go on; false: a problem was replied. It may set
 * the request's caller (request_implementation.h). NULL, and before this call: all may. Before the
 * server starts. */
typedef bool (*sf_router_guard_fn)(void *user, unsigned roles, sf_request *request,
                                   sf_reply *reply);
void sf_router_set_guard(sf_router *router, sf_router_guard_fn guard, void *user);

/* Finds the handler of the exchange's request and calls it. Any thread. */
void sf_router_handle(const sf_router *router, sf_exchange *exchange);

#endif
