/* http_server.h - HTTP/1.1 on a few threads (libmicrohttpd), bounded in every direction: connections,
 * memory, body size, time to send a request, to answer and to take the answer.
 *
 * Ambiguous requests (two lengths, length and chunks, unknown codings, no Host) are refused and their
 * connection closed; so is a head of which the library shows us less than it received (folds, bare line
 * feeds, NULs). It speaks plain HTTP: in the open it belongs behind a proxy that has TLS.
 */
#ifndef SF_SERVICE_HTTP_SERVER_H
#define SF_SERVICE_HTTP_SERVER_H

#include <stateful/error.h>

#include "service/router.h"

typedef struct sf_http_server sf_http_server;

/* A request that is over. Texts are borrowed for the call. */
typedef struct sf_http_observation {
    const char *method;
    const char *route;    /* "/api/orders/{id}"; NULL: none took it */
    const char *trace_id; /* NULL: none was sent */
    int status;           /* 499: the client went away before there was an answer */
    int64_t duration_us;  /* from its first line to the end of the answer */
} sf_http_observation;

/* Called behind each request, on a thread of the server; must not wait. */
typedef void (*sf_http_observe_fn)(void *user, const sf_http_observation *seen);

/* Zeros are the usual case. */
typedef struct sf_http_options {
    const char *address;        /* numeric, IPv4 or IPv6; NULL: 127.0.0.1; "0.0.0.0" for all */
    uint16_t port;              /* 0: any free one */
    const char *port_setting;   /* the variable to name when the port is taken; NULL: none */
    unsigned threads;           /* 0: one a core, from 2 to 8 */
    unsigned connections_max;   /* 0: 1000 */
    unsigned per_address_max;   /* connections of one client address; 0: no limit */
    int64_t idle_timeout_ms;    /* silence on a connection; 0: 60 s; counted in whole seconds */
    int64_t request_timeout_ms; /* to send a whole request, and to take the whole answer; 0: 15 s */
    int64_t reply_timeout_ms;   /* to answer a deferred request; 0: 10 s */
    size_t body_size_max;       /* in bytes; 0: 1 MiB */
    size_t connection_memory;   /* headers of one connection, in bytes; 0: 32 KiB */
    sf_http_observe_fn observe; /* NULL: nobody looks */
    void *observe_user;
} sf_http_options;

/* Listens and serves. The router is borrowed until the stop. SF_STOP with SF_BUSY when the port is
 * taken ("port 8080 is in use: set SERVER_PORT to a free one"). */
sf_status sf_http_server_start(const sf_http_options *options, const sf_router *router,
                               sf_http_server **server, sf_error *err);

/* The port it listens on. Any thread. */
uint16_t sf_http_server_port(const sf_http_server *server);

/* How many requests are under way. Any thread. */
int64_t sf_http_server_in_flight(const sf_http_server *server);

/* Accepts no more connections, answers what is under way and closes each connection behind its next
 * answer; deferred replies that are not sent within grace_ms are answered with a 503. Then frees the
 * server. Deferred replies may still be sent afterwards. NULL is fine. */
void sf_http_server_stop(sf_http_server *server, int64_t grace_ms);

#endif
