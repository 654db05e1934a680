/* hours_query.h - what hours a request asks for: its parameters, which hours of the store follow from them, and the
 * link to those behind an answer that ended at its limit. Any thread.
 */
#ifndef QUERY_SERVICE_HTTP_HOURS_QUERY_H
#define QUERY_SERVICE_HTTP_HOURS_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "service/reply.h"
#include "service/request.h"

/* A place between rows: behind the one of that hour and product. */
typedef struct hours_cursor {
    int64_t start_ms;
    int64_t product_id;
} hours_cursor;

/* The starts of the hours wanted, from first to last; last below first if there are none. */
typedef struct hours_range {
    int64_t first_ms;
    int64_t last_ms;
} hours_range;

/* Zero but for what was asked. */
typedef struct hours_query {
    int64_t start_ms; /* as asked */
    int64_t end_ms;
    bool matches_starts;
    bool is_closed_only;
    int64_t product_id; /* 0: all */
    int64_t limit;      /* 0: none */
    hours_cursor after; /* {-1, 0}: from the beginning */
    hours_range hours;  /* what follows from these */
} hours_query;

/* False: the reply says what is wrong. now_ms tells which hours are over. */
bool hours_query_read(const sf_request *request, sf_reply *reply, int64_t now_ms,
                      hours_query *query);

/* Puts the header that leads on behind the last row of an answer. */
void hours_query_link_next(const sf_request *request, sf_reply *reply, const hours_query *query,
                           hours_cursor last);

#endif
