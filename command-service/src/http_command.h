/* http_command.h - a command on its way through HTTP: what all routes read and answer alike. */
#ifndef COMMAND_SERVICE_HTTP_COMMAND_H
#define COMMAND_SERVICE_HTTP_COMMAND_H

#include "publication_watch.h"
#include "service/reply.h"
#include "service/request.h"
#include "write_model.h"

struct http_command {
    struct write_command command; /* first, so that done can find the rest */
    sf_reply *reply;
    bool lacks_if_match;                   /* a PUT that does not say which version it means */
    int64_t wait_s;                        /* until its event is published; 0: not at all */
    awaited_publication publication;       /* version is 0 until there is one */
    void (*answer)(struct http_command *); /* replies by the command's verdict */
};

/* A command in the request's arena, with what its headers say: If-Match as the expected version,
 * Idempotency-Key, how long its event is waited for (Prefer: wait), and for the event traceparent,
 * tracestate and X-Request-Id. NULL: a 400 problem was replied. */
struct http_command *http_command_new(const sf_request *request, sf_reply *reply,
                                      void (*answer)(struct http_command *));

/* Hands it on: the reply is sent when its answer was given, here or later. The handler is done. */
void http_command_submit(struct http_command *http, const struct write_model *model,
                         write_fn write);

/* Replies to a verdict that says the same for every command (busy, away, …); what is "an order". */
void http_command_reply_failure(struct http_command *http, const char *what, int64_t id);

/* The version of an aggregate that an answer is about. */
struct http_version {
    const char *aggregate_type; /* "order" */
    int64_t aggregate_id;
    int64_t version;
};

/* Adds what the answers of all commands have that were done: the ETag of a version, and whether it is
 * the answer of the time when the idempotency key was used first. That version's event is what Prefer:
 * wait waits for. */
void http_command_reply_version(struct http_command *http, struct http_version version);

#endif
