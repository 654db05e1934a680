/* raw_client.h - an HTTP client that sends any bytes, for tests of servers: what a decent client
 * library would never send must be tried, too. All calls fail the test when the connection cannot be
 * made or is silent for 20 s. */
#ifndef TESTS_SUPPORT_RAW_CLIENT_H
#define TESTS_SUPPORT_RAW_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

typedef struct raw_client {
    int fd;
    sf_buffer received; /* not yet taken */
    int status;         /* of the last answer, and below */
    sf_buffer head;
    sf_buffer body;
} raw_client;

/* Connects to 127.0.0.1. */
void raw_client_open(raw_client *client, uint16_t port);
void raw_client_close(raw_client *client);

/* Sends all, or as much as the server takes before it closes. */
void raw_client_send(raw_client *client, const char *text);
void raw_client_send_bytes(raw_client *client, sf_bytes bytes);

/* Receives the next answer: status, or 0 when the connection ends before there is a whole one. The
 * answer to a HEAD has no body. */
int raw_client_receive(raw_client *client, bool is_head);

/* Sends a text and receives the answer. */
int raw_client_ask(raw_client *client, const char *text);

/* Of the last answer: the body; the value of a header, NULL if there is none. Valid until the next. */
const char *raw_client_body(raw_client *client);
const char *raw_client_header(raw_client *client, const char *name);

/* Drops all that the server sends until it closes. */
void raw_client_drain(raw_client *client);

/* Whether the server closes now, without sending anything more. */
bool raw_client_is_closed(raw_client *client);

#endif
