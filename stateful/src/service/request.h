/* request.h - what a client sent, decoded once. Read only; lives until its reply is sent.
 *
 * Parts and query values are percent-decoded UTF-8 without NULs; requests where that fails never
 * reach a handler. One thread at a time.
 */
#ifndef SF_SERVICE_REQUEST_H
#define SF_SERVICE_REQUEST_H

#include <stateful/arena.h>
#include <stateful/bytes.h>

#include "service/reply.h"

typedef struct sf_request sf_request;

/* As sent: "GET"; a HEAD stays "HEAD", though the handler of GET gets it. */
const char *sf_request_method(const sf_request *request);

/* The path as sent, not decoded and without the query. */
const char *sf_request_path(const sf_request *request);

/* The path with its query as sent, to be handed on. */
const char *sf_request_target(const sf_request *request);

/* The path of the route that took it, "/api/orders/{id}"; NULL before routing. */
const char *sf_request_route(const sf_request *request);

/* The part of the path which the route calls {name}; the name must be one of the route's. */
const char *sf_request_part(const sf_request *request, const char *name);

/* The first query parameter of that name; NULL if there is none. A '+' stays a '+'. */
const char *sf_request_query(const sf_request *request, const char *name);

/* The first header of that name in any case; NULL if there is none. */
const char *sf_request_header(const sf_request *request, const char *name);

/* The body; empty if there is none. Not NUL-terminated. */
sf_bytes sf_request_body(const sf_request *request);

/* Memory that lives as long as the request. */
sf_arena *sf_request_arena(const sf_request *request);

/* The trace id (32 hex digits) of a valid traceparent header; NULL if there is none. */
const char *sf_request_trace_id(const sf_request *request);

/* A valid traceparent header as it was sent, to be handed on; NULL if there is none. */
const char *sf_request_traceparent(const sf_request *request);

/* Who may call a route, when callers are told apart (guard.h). */
enum {
    SF_ROLE_ADMIN = 1,
    SF_ROLE_SALES = 2,
    SF_ROLE_CUSTOMER = 4,
    SF_ROLE_VIEWER = 8,
    SF_ROLE_EVERY = 15,  /* any of them */
    SF_ROLE_ANYONE = 16, /* without being known */
};

/* Who calls. Without authentication: subject "" and every role. Never NULL. */
typedef struct sf_caller {
    const char *subject;
    unsigned roles; /* SF_ROLE_… */
} sf_caller;
const sf_caller *sf_request_caller(const sf_request *request);

/* The part as an id (1 to 2^53 - 1, digits only). False: a 400 problem was replied. */
bool sf_request_part_as_id(const sf_request *request, sf_reply *reply, const char *name,
                           int64_t *id);

/* The query parameter as a time in ms, or as an integer within least and most; where it is absent,
 * value keeps what it has. False: a 400 problem was replied. */
bool sf_request_query_as_time(const sf_request *request, sf_reply *reply, const char *name,
                              int64_t *time_ms);
typedef struct sf_request_bounds {
    int64_t least;
    int64_t most;
} sf_request_bounds;
bool sf_request_query_as_integer(const sf_request *request, sf_reply *reply, const char *name,
                                 sf_request_bounds bounds, int64_t *value);

#endif
