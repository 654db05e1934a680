/* http_clients.h - connections to one HTTP server that are kept open, a request at a time on each; for
 * load programs, so that what is measured is the server and not Python. One thread.
 *
 * Whatever is wrong with a connection ends the program with a sentence: a benchmark does not go on.
 */
#ifndef TESTS_SUPPORT_HTTP_CLIENTS_H
#define TESTS_SUPPORT_HTTP_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

typedef struct http_clients http_clients;

/* An answer; borrowed for the call. */
typedef struct http_answer {
    unsigned client;
    int status;
    sf_bytes head; /* first line and headers */
    sf_bytes body;
} http_answer;

typedef void (*http_answered_fn)(void *user, const http_answer *answer);

/* Connects to 127.0.0.1. */
http_clients *http_clients_new(uint16_t port, unsigned count, http_answered_fn answered,
                               void *user);
void http_clients_free(http_clients *clients);

/* Sends a request, which must be whole (head and body); its client must be idle. */
void http_clients_send(http_clients *clients, unsigned client, sf_bytes request);

bool http_clients_is_idle(const http_clients *clients, unsigned client);

/* Hands on the answers that are there; waits for one up to wait_us. */
void http_clients_serve(http_clients *clients, int64_t wait_us);

#endif
