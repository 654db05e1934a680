/* courier.h - asks other instances over HTTP: the one door to libcurl. Any number of questions at a time, on
 * one thread, each limited in time and size; connections are kept for the next question.
 */
#ifndef QUERY_SERVICE_FLEET_COURIER_H
#define QUERY_SERVICE_FLEET_COURIER_H

#include <stdbool.h>
#include <stdint.h>

#include <stateful/bytes.h>
#include <stateful/error.h>

typedef struct courier courier;

/* A header of a question; without a value it is left out. */
typedef struct courier_header {
    const char *name;
    const char *value;
} courier_header;

/* What came back; valid while it is told of. */
typedef struct courier_answer {
    int status;      /* 0: there was none */
    const char *why; /* there was none */
    sf_bytes body;
    void *handle; /* the courier's */
} courier_answer;

/* The first header of that name; NULL if there is none. */
const char *courier_answer_header(const courier_answer *answer, const char *name);

/* Called once for each question, on the courier's thread, which it must not keep; or, when there are too
 * many questions or the courier is being stopped, on the thread that asks. */
typedef void (*courier_fn)(void *user, const courier_answer *answer);

/* All is copied. */
typedef struct courier_question {
    const char *address; /* "host:port" */
    const char *target;  /* the path with its query */
    const courier_header *headers;
    size_t header_count;
    int64_t timeout_ms; /* of the whole */
    courier_fn done;
    void *user;
} courier_question;

/* Takes hold of libcurl, so before there are other threads. SF_IO if it cannot be used. */
sf_status courier_new(courier **made, sf_error *err);

/* Gives up what is under way, which is told to who asked. NULL is fine. */
void courier_free(courier *courier);

/* Any thread. */
void courier_ask(courier *courier, const courier_question *question);

/* How many questions were asked, and how many of them got no answer. Any thread. */
typedef struct courier_counters {
    uint64_t asked;
    uint64_t unanswered;
} courier_counters;
courier_counters courier_count(courier *courier);

#endif
