/* reply.h - the answer to one request.
 *
 * A handler fills it and returns; that sends it. Or it calls sf_reply_defer, hands the reply on, and
 * somebody fills it later and calls sf_reply_send. Failures have one form: problem details
 * (RFC 9457). The last of json, text, empty and problem counts. One thread at a time.
 */
#ifndef SF_SERVICE_REPLY_H
#define SF_SERVICE_REPLY_H

#include <stateful/bytes.h>

#include "service/json_writer.h"

typedef struct sf_reply sf_reply;

/* A JSON body, to be written through what is returned; that belongs to the reply. */
sf_json_writer *sf_reply_json(sf_reply *reply, int status);

/* A JSON body that is there already, copied. */
void sf_reply_json_bytes(sf_reply *reply, int status, sf_bytes json);

/* Any other body, copied, with its content type. */
void sf_reply_body(sf_reply *reply, int status, const char *content_type, sf_bytes body);

/* A plain text, copied. */
void sf_reply_text(sf_reply *reply, int status, const char *text);

typedef enum sf_reply_piece {
    SF_REPLY_MORE,
    SF_REPLY_LAST,   /* nothing follows this piece */
    SF_REPLY_BROKEN, /* what is sent so far cannot be completed */
} sf_reply_piece;

/* A body that is made piece by piece while it is sent, so that it may be larger than memory. */
typedef struct sf_reply_source {
    /* Appends the next piece to out. SF_REPLY_BROKEN cuts the connection, so that the client sees that
     * the body is not whole. A thread of the server, one at a time; must not wait. */
    sf_reply_piece (*next)(void *user, sf_buffer *out);
    void (*end)(void *user); /* called once, whether all was sent or not */
} sf_reply_source;
void sf_reply_stream(sf_reply *reply, int status, const char *content_type,
                     const sf_reply_source *source, void *user);

/* No body. */
void sf_reply_empty(sf_reply *reply, int status);

/* Adds a header; name and value are copied. A value with control characters is left out. */
void sf_reply_header(sf_reply *reply, const char *name, const char *value);
void sf_reply_headerf(sf_reply *reply, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Problem details: type "/problems/<slug>", a title made from the slug, status, and the sentence as
 * detail; the server adds instance (the path) and traceId (where the client sent one). slug is in
 * small letters with hyphens, "unknown-product". */
void sf_reply_problem(sf_reply *reply, int status, const char *slug, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* After sf_reply_problem: one more entry of "errors", {"pointer":…,"detail":…}, about a place in the
 * body; and {"parameter":…,"detail":…} about a part of the path or of the query. */
void sf_reply_problem_at(sf_reply *reply, const char *pointer, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void sf_reply_problem_parameter(sf_reply *reply, const char *parameter, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* After sf_reply_problem: writes further members ("from", "to", "allowed"); to be left with all that
 * was opened closed. Belongs to the reply. */
sf_json_writer *sf_reply_problem_members(sf_reply *reply);

/* 0 while nothing is replied. */
int sf_reply_status(const sf_reply *reply);

/* In a handler: the reply will be sent later by sf_reply_send, from any thread, also before the
 * handler returns; the handler must not touch request and reply after it has handed them on. Request
 * and reply live until then. If that takes longer than the server's reply_timeout_ms, the client gets
 * a 503 problem "timed-out", and the later sf_reply_send only gives the memory back. */
void sf_reply_defer(sf_reply *reply);

/* Once for each deferred reply, also after its time is over. Request and reply are gone afterwards.
 * Any thread. */
void sf_reply_send(sf_reply *reply);

#endif
