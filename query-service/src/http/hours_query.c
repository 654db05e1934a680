#include "http/hours_query.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/json_reader.h"
#include "service/timestamp.h"
#include "topology/query_topology.h"

enum { LIMIT_MAX = 10000, CURSOR_SIZE = 32 };

/* ---- what is asked ---- */

static bool read_time(const sf_request *request, sf_reply *reply, const char *name,
                      int64_t *time_ms)
{
    if (sf_request_query(request, name))
        return sf_request_query_as_time(request, reply, name, time_ms);
    sf_reply_problem(reply, 400, "missing-parameter",
                     "%s is missing: a time with its zone, such as 2026-02-27T09:00:00Z", name);
    sf_reply_problem_parameter(reply, name, "is missing");
    return false;
}

static bool read_range(const sf_request *request, sf_reply *reply, hours_query *query)
{
    if (!read_time(request, reply, "start", &query->start_ms) ||
        !read_time(request, reply, "end", &query->end_ms))
        return false;
    if (query->start_ms < query->end_ms ||
        (query->start_ms == query->end_ms && query->matches_starts))
        return true;
    sf_reply_problem(reply, 400, "invalid-range", "start must be before end");
    sf_reply_problem_parameter(reply, "start", "must be before end");
    return false;
}

/* A parameter that has but a few words; *is_first = whether it is the first of the two. */
static bool read_choice(const sf_request *request, sf_reply *reply, const char *name,
                        const char *const words[2], bool *is_first)
{
    const char *text = sf_request_query(request, name);

    *is_first = text && !strcmp(text, words[0]);
    if (!text || *is_first || !strcmp(text, words[1]))
        return true;
    sf_reply_problem(reply, 400, "invalid-parameter", "%s must be %s or %s; it is '%.100s'", name,
                     words[0], words[1], text);
    sf_reply_problem_parameter(reply, name, "must be %s or %s", words[0], words[1]);
    return false;
}

static int64_t hex_number(const char *digits)
{
    char text[CURSOR_SIZE / 2 + 1] = {0};

    memcpy(text, digits, CURSOR_SIZE / 2);
    return (int64_t)strtoull(text, NULL, 16);
}

static bool read_cursor(const sf_request *request, sf_reply *reply, hours_cursor *after)
{
    const char *text = sf_request_query(request, "cursor");

    *after = (hours_cursor){-1, 0};
    if (!text)
        return true;
    if (strlen(text) == CURSOR_SIZE && strspn(text, "0123456789abcdef") == CURSOR_SIZE) {
        *after = (hours_cursor){hex_number(text), hex_number(text + CURSOR_SIZE / 2)};
        if (after->start_ms >= 0 && after->product_id > 0)
            return true;
    }
    sf_reply_problem(reply, 400, "invalid-parameter", "cursor must be taken from a Link header");
    sf_reply_problem_parameter(reply, "cursor", "must be taken from a Link header");
    return false;
}

static bool read_parameters(const sf_request *request, sf_reply *reply, hours_query *query)
{
    static const char *const matches[] = {"start", "overlap"};
    static const char *const truths[] = {"true", "false"};
    sf_request_bounds ids = {1, SF_JSON_ID_MAX}, limits = {1, LIMIT_MAX};

    *query = (hours_query){0};
    return read_choice(request, reply, "match", matches, &query->matches_starts) &&
           read_range(request, reply, query) &&
           read_choice(request, reply, "closed", truths, &query->is_closed_only) &&
           sf_request_query_as_integer(request, reply, "productId", ids, &query->product_id) &&
           sf_request_query_as_integer(request, reply, "limit", limits, &query->limit) &&
           read_cursor(request, reply, &query->after);
}

/* ---- which hours that are ---- */

/* The hour that a time is in, or the one before 1970. */
static int64_t hour_of(int64_t time_ms)
{
    return time_ms < 0 ? -HOUR_MS : time_ms - time_ms % HOUR_MS;
}

static hours_range hours_of(const hours_query *query, int64_t now_ms)
{
    hours_range hours;

    if (query->matches_starts) {
        hours.first_ms = hour_of(query->start_ms + HOUR_MS - 1);
        hours.last_ms = hour_of(query->end_ms);
    } else {
        hours.first_ms = hour_of(query->start_ms);
        hours.last_ms = hour_of(query->end_ms - 1);
    }
    if (query->is_closed_only && hours.last_ms > hour_of(now_ms) - HOUR_MS)
        hours.last_ms = hour_of(now_ms) - HOUR_MS;
    if (hours.first_ms < query->after.start_ms)
        hours.first_ms = query->after.start_ms;
    if (hours.first_ms < 0)
        hours.first_ms = 0;
    return hours;
}

bool hours_query_read(const sf_request *request, sf_reply *reply, int64_t now_ms,
                      hours_query *query)
{
    if (!read_parameters(request, reply, query))
        return false;
    query->hours = hours_of(query, now_ms);
    return true;
}

void hours_query_link_next(const sf_request *request, sf_reply *reply, const hours_query *query,
                           hours_cursor last)
{
    char start[SF_TIMESTAMP_TEXT_SIZE], end[SF_TIMESTAMP_TEXT_SIZE], product[48] = "";

    sf_timestamp_format(query->start_ms, start);
    sf_timestamp_format(query->end_ms, end);
    if (query->product_id)
        (void)snprintf(product, sizeof product, "&productId=%" PRId64,
                       query->product_id); /* fits */
    sf_reply_headerf(reply, "Link",
                     "<%s?start=%s&end=%s%s%s%s&limit=%" PRId64 "&cursor=%016" PRIx64 "%016" PRIx64
                     ">; rel=\"next\"",
                     sf_request_path(request), start, end, product,
                     query->matches_starts ? "&match=start" : "",
                     query->is_closed_only ? "&closed=true" : "", query->limit,
                     (uint64_t)last.start_ms, (uint64_t)last.product_id);
}
