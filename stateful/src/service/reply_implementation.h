/* reply_implementation.h - the insides of a reply, for who sends it. */
#ifndef SF_SERVICE_REPLY_IMPLEMENTATION_H
#define SF_SERVICE_REPLY_IMPLEMENTATION_H

#include <stateful/arena.h>

#include "base/buffer.h"
#include "service/header_list.h"
#include "service/reply.h"

struct sf_reply {
    struct sf_exchange *exchange; /* that it belongs to */
    sf_arena *arena;              /* the request's */
    int status;                   /* 0: nothing is replied */
    const char *content_type;     /* NULL: no body */
    sf_header_list headers;
    sf_buffer body;
    sf_json_writer writer;  /* into body */
    bool is_problem;        /* its object is still open in body */
    sf_reply_source source; /* next is NULL: the body is whole */
    void *source_user;
    sf_buffer errors; /* the items of the problem's "errors" */
    sf_json_writer errors_writer;
};

/* There is no init: zeroes, with exchange and arena set, are an empty reply. */
void sf_reply_done(sf_reply *reply);

/* Forgets all, for the next one; what was large is given back. */
void sf_reply_clear(sf_reply *reply);

/* Reads a streamed body to its end, into body. */
void sf_reply_gather(sf_reply *reply);

/* Closes what is still open; a reply that nobody filled becomes a 500. instance and trace_id (may be
 * NULL) go into a problem document. */
void sf_reply_finish(sf_reply *reply, const char *instance, const char *trace_id);

#endif
