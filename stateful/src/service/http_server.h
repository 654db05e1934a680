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

#include "service/http_options.h"
#include "service/router.h"

typedef struct sf_http_server sf_http_server;

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
