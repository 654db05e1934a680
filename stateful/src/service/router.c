#include "service/router.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "service/exchange_implementation.h"

/* A route with its path taken apart: part_names holds the names of the parts, in their order. */
typedef struct entry {
    const sf_route *route;
    unsigned roles; /* who may call it */
    void *user;
    char *path; /* cut into segments by NULs */
    const char **segments;
    size_t segment_count;
    const char **part_names; /* ends with NULL */
} entry;

struct sf_router {
    entry *entries;
    size_t count;
    sf_router_guard_fn guard;
    void *guard_user;
};

sf_router *sf_router_new(void)
{
    return sf_zalloc(sizeof(sf_router));
}

void sf_router_free(sf_router *router)
{
    if (!router)
        return;
    for (size_t i = 0; i < router->count; i++) {
        free(router->entries[i].path);
        free(router->entries[i].segments);
        free(router->entries[i].part_names);
    }
    free(router->entries);
    free(router);
}

static bool is_part(const char *segment)
{
    return segment[0] == '{';
}

static void take_apart(entry *added)
{
    size_t room = strlen(added->path) + 1, part_count = 0;
    char *rest = added->path + 1, *segment;

    added->segments = sf_alloc(room * sizeof(*added->segments));
    added->part_names = sf_alloc(room * sizeof(*added->part_names));
    while ((segment = strsep(&rest, "/"))) {
        added->segments[added->segment_count++] = segment;
        if (!is_part(segment))
            continue;
        assert(segment[strlen(segment) - 1] == '}');
        segment[strlen(segment) - 1] = 0;
        added->part_names[part_count++] = segment + 1;
    }
    added->part_names[part_count] = NULL;
}

void sf_router_add(sf_router *router, const sf_route *routes, size_t count, void *user)
{
    sf_router_add_for(router, SF_ROLE_EVERY, routes, count, user);
}

void sf_router_set_guard(sf_router *router, sf_router_guard_fn guard, void *user)
{
    router->guard = guard;
    router->guard_user = user;
}

void sf_router_add_for(sf_router *router, unsigned roles, const sf_route *routes, size_t count,
                       void *user)
{
    router->entries =
        sf_realloc_array(router->entries, router->count + count, sizeof(*router->entries));
    for (size_t i = 0; i < count; i++) {
        entry *added = &router->entries[router->count++];

        assert(routes[i].path[0] == '/');
        *added = (entry){
            .route = &routes[i],
            .roles = roles,
            .user = user,
            .path = sf_text_copy(routes[i].path),
        };
        take_apart(added);
    }
}

static bool fits_path(const entry *route, const sf_uri *uri)
{
    if (route->segment_count != uri->segment_count)
        return false;
    for (size_t i = 0; i < uri->segment_count; i++) {
        if (is_part(route->segments[i]) ? !*uri->segments[i]
                                        : strcmp(route->segments[i], uri->segments[i]) != 0)
            return false;
    }
    return true;
}

static bool fits_method(const entry *route, const char *method)
{
    return !strcmp(route->route->method, method) ||
           (!strcmp(method, "HEAD") && !strcmp(route->route->method, "GET"));
}

static const entry *find(const sf_router *router, const sf_request *request)
{
    for (size_t i = 0; i < router->count; i++)
        if (fits_path(&router->entries[i], &request->uri) &&
            fits_method(&router->entries[i], request->method))
            return &router->entries[i];
    return NULL;
}

static void take_parts(const entry *route, sf_request *request)
{
    size_t count = 0;

    request->route = route->route->path;
    request->part_names = route->part_names;
    request->parts = sf_arena_alloc(request->arena, route->segment_count * sizeof(*request->parts));
    for (size_t i = 0; i < route->segment_count; i++)
        if (is_part(route->segments[i]))
            request->parts[count++] = request->uri.segments[i];
}

/* The methods of all routes of the path (of every route for NULL), as in "GET, HEAD, OPTIONS"; NULL
 * when there is none. */
static const char *allowed_methods(const sf_router *router, const sf_uri *uri, sf_arena *arena)
{
    static const char *const known[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    char *allowed = NULL;

    for (size_t i = 0; i < SF_ARRAY_LENGTH(known); i++) {
        bool is_found = false;

        for (size_t k = 0; k < router->count && !is_found; k++)
            is_found = !strcmp(router->entries[k].route->method, known[i]) &&
                       (!uri || fits_path(&router->entries[k], uri));
        if (is_found)
            allowed = sf_arena_printf(arena, "%s%s%s", allowed ? allowed : "",
                                      strcmp(known[i], "GET") ? known[i] : "GET, HEAD", ", ");
    }
    return allowed ? sf_arena_printf(arena, "%sOPTIONS", allowed) : NULL;
}

static void answer_without_route(const sf_router *router, sf_exchange *exchange)
{
    sf_request *request = &exchange->request;
    sf_reply *reply = &exchange->reply;
    const char *allowed = allowed_methods(router, &request->uri, request->arena);

    if (!allowed) {
        sf_reply_problem(reply, 404, "no-such-route", "nothing is at '%.200s'",
                         sf_request_path(request));
        return;
    }
    if (!strcmp(request->method, "OPTIONS"))
        sf_reply_empty(reply, 204);
    else
        sf_reply_problem(reply, 405, "method-not-allowed", "'%.200s' takes %s, not %.20s",
                         sf_request_path(request), allowed, request->method);
    sf_reply_header(reply, "Allow", allowed);
}

static void answer_server_options(const sf_router *router, sf_exchange *exchange)
{
    const char *allowed = allowed_methods(router, NULL, exchange->request.arena);

    sf_reply_empty(&exchange->reply, 204);
    sf_reply_header(&exchange->reply, "Allow", allowed ? allowed : "OPTIONS");
}

static void answer(const sf_router *router, sf_exchange *exchange)
{
    sf_request *request = &exchange->request;
    const char *wrong;
    const entry *route;

    if (!strcmp(request->method, "OPTIONS") && !strcmp(request->target, "*")) {
        answer_server_options(router, exchange);
        return;
    }
    wrong = sf_uri_parse(request->target, request->arena, &request->uri);
    if (wrong) {
        sf_reply_problem(&exchange->reply, 400, "malformed-path", "the path or query has %s",
                         wrong);
        return;
    }
    route = find(router, request);
    if (!route) {
        answer_without_route(router, exchange);
        return;
    }
    take_parts(route, request);
    if (router->guard &&
        !router->guard(router->guard_user, route->roles, request, &exchange->reply))
        return;
    route->route->handle(request, &exchange->reply, route->user);
}

void sf_router_handle(const sf_router *router, sf_exchange *exchange)
{
    answer(router, exchange);
    if (sf_exchange_get_state(exchange) == SF_EXCHANGE_OPEN)
        sf_exchange_finish(exchange);
}
