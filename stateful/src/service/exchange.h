/* exchange.h - one request and its reply while they are under way: what the server carries and what
 * a test of a handler makes by hand.
 *
 *     sf_exchange *exchange = sf_exchange_new("POST", "/api/products", body);
 *
 *     sf_router_handle(router, exchange);
 *     sf_exchange_wait(exchange);
 *     assert_int_equal(sf_exchange_status(exchange), 201);
 *     sf_exchange_free(exchange);
 */
#ifndef SF_SERVICE_EXCHANGE_H
#define SF_SERVICE_EXCHANGE_H

#include <stateful/bytes.h>

#include "service/reply.h"
#include "service/request.h"

typedef struct sf_exchange sf_exchange;

/* An exchange without a server: target is "/path?query" as on the wire, body may be SF_NULL; all is
 * copied. */
sf_exchange *sf_exchange_new(const char *method, const char *target, sf_bytes body);

/* Ends it. A deferred one lives on until sf_reply_send. */
void sf_exchange_free(sf_exchange *exchange);

/* Adds a header to the request; copied. Before it is handled. */
void sf_exchange_add_header(sf_exchange *exchange, const char *name, const char *value);

/* Waits until a deferred reply is sent; returns at once when it was not deferred. */
void sf_exchange_wait(sf_exchange *exchange);

sf_request *sf_exchange_request(sf_exchange *exchange);
sf_reply *sf_exchange_reply(sf_exchange *exchange);

/* What was replied: valid until the exchange is freed. A header that was not set is NULL. */
int sf_exchange_status(sf_exchange *exchange);
const char *sf_exchange_body(sf_exchange *exchange);
sf_bytes sf_exchange_body_bytes(sf_exchange *exchange); /* where it is no text */
const char *sf_exchange_header(sf_exchange *exchange, const char *name);

#endif
