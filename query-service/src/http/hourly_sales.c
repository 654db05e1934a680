#include "http/hourly_sales.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/log.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "fleet/gather.h"
#include "service/timestamp.h"
#include "topology/query_topology.h"

enum {
    LIMIT_MAX = 10000,
    CURSOR_SIZE = 32,
    RANK_SIZE = 16,
    PIECE_SIZE = 16 * 1024,
    PART_ROWS_MAX = 100000, /* of one instance, without a limit: these are held in memory */
};

/* A place between rows: behind the one of that hour and product. */
typedef struct cursor {
    int64_t start_ms;
    int64_t product_id;
} cursor;

/* The starts of the hours wanted, from first to last; last below first if there are none. */
typedef struct hour_range {
    int64_t first_ms;
    int64_t last_ms;
} hour_range;

typedef struct hours_query {
    int64_t start_ms; /* as asked */
    int64_t end_ms;
    bool matches_starts;
    bool is_closed_only;
    int64_t product_id; /* 0: all */
    int64_t limit;      /* 0: none */
    cursor after;       /* {-1, 0}: from the beginning */
    hour_range hours;   /* what follows from these */
} hours_query;

typedef struct hours_question {
    const analytics_views *views;
    const sf_request *request;
    hours_query query;
} hours_question;

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

static bool read_cursor(const sf_request *request, sf_reply *reply, cursor *after)
{
    const char *text = sf_request_query(request, "cursor");

    *after = (cursor){-1, 0};
    if (!text)
        return true;
    if (strlen(text) == CURSOR_SIZE && strspn(text, "0123456789abcdef") == CURSOR_SIZE) {
        *after = (cursor){hex_number(text), hex_number(text + CURSOR_SIZE / 2)};
        if (after->start_ms >= 0 && after->product_id > 0)
            return true;
    }
    sf_reply_problem(reply, 400, "invalid-parameter", "cursor must be taken from a Link header");
    sf_reply_problem_parameter(reply, "cursor", "must be taken from a Link header");
    return false;
}

static bool read_query(const sf_request *request, sf_reply *reply, hours_query *query)
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

static hour_range hours_of(const hours_query *query, int64_t now_ms)
{
    hour_range hours;

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

/* ---- the rows ---- */

/* The rows of a view that are in the range; NULL: the range is empty. */
static sf_status open_rows(sf_view *view, const hours_query *query, sf_view_iterator **rows,
                           sf_error *err)
{
    uint8_t key[8];

    *rows = NULL;
    if (query->hours.first_ms > query->hours.last_ms)
        return SF_OK;
    if (!query->product_id)
        return sf_view_fetch_all(view, query->hours.first_ms, query->hours.last_ms, rows, err);
    sf_put_be64(key, (uint64_t)query->product_id);
    return sf_view_fetch(view, sf_bytes_of(key, sizeof key), query->hours.first_ms,
                         query->hours.last_ms, rows, err);
}

static bool is_behind(cursor row, cursor after)
{
    return row.start_ms > after.start_ms ||
           (row.start_ms == after.start_ms && row.product_id > after.product_id);
}

static sf_status write_row(sf_json_writer *json, cursor row, sf_bytes value, int exponent,
                           sf_error *err)
{
    sales_total total;
    sf_status status = sales_total_decode(value, &total, err);

    if (status)
        return status;
    sf_json_write_object(json, NULL);
    sf_json_write_timestamp(json, "windowStart", row.start_ms);
    sf_json_write_timestamp(json, "windowEnd", row.start_ms + HOUR_MS);
    sf_json_write_integer(json, "productId", row.product_id);
    sf_json_write_money(json, "totalSales", total.amount, exponent);
    sf_json_write_end_object(json);
    return SF_OK;
}

/* The place of a row; SF_CORRUPT for a key that is none. */
static sf_status place_of(const sf_view_entry *entry, cursor *row, sf_error *err)
{
    if (entry->key.size != 8)
        return sf_fail(err, SF_CORRUPT, "an hour's key has %zu bytes", entry->key.size);
    *row = (cursor){entry->start_ms, (int64_t)sf_get_be64(entry->key.data)};
    return SF_OK;
}

static sf_bytes rank_of(cursor row, uint8_t rank[RANK_SIZE])
{
    sf_put_be64(rank, (uint64_t)row.start_ms);
    sf_put_be64(rank + RANK_SIZE / 2, (uint64_t)row.product_id);
    return sf_bytes_of(rank, RANK_SIZE);
}

/* Writes rows until the limit; *last = the last one written, *has_more = another follows it. */
static sf_status write_rows(const hours_question *of, sf_view_iterator *rows, int64_t limit,
                            part_writer *out, cursor *last, bool *has_more, sf_error *err)
{
    sf_status status = SF_OK;
    uint8_t rank[RANK_SIZE];
    sf_view_entry entry;
    int64_t count = 0;
    cursor row;

    *has_more = false;
    while (!status && !*has_more && rows && sf_view_iterator_next(rows, &entry, &status, err)) {
        status = place_of(&entry, &row, err);
        if (status || !is_behind(row, of->query.after))
            continue;
        *has_more = count == limit;
        if (*has_more)
            break;
        status = write_row(part_writer_begin(out, rank_of(row, rank)), row, entry.stored.value,
                           of->views->currency_exponent, err);
        part_writer_end(out);
        *last = row;
        count++;
    }
    return status;
}

/* ---- without a limit: as a stream ---- */

typedef struct row_stream {
    const analytics_views *views;
    sf_view_iterator *rows; /* NULL: there are none */
    cursor after;
    sf_json_writer json; /* goes on from piece to piece */
    bool has_begun;
} row_stream;

static sf_status stream_row(row_stream *of, const sf_view_entry *entry, sf_error *err)
{
    cursor row;
    sf_status status = place_of(entry, &row, err);

    if (status || !is_behind(row, of->after))
        return status;
    return write_row(&of->json, row, entry->stored.value, of->views->currency_exponent, err);
}

static sf_reply_piece next_piece(void *user, sf_buffer *out)
{
    row_stream *of = user;
    sf_status status = SF_OK;
    sf_view_entry entry;
    sf_error err = {0};
    bool is_at_end = !of->rows;

    of->json.out = out;
    if (!of->has_begun)
        sf_json_write_array(&of->json, NULL);
    of->has_begun = true;
    while (!status && !is_at_end && out->size < PIECE_SIZE) {
        is_at_end = !sf_view_iterator_next(of->rows, &entry, &status, &err);
        if (!status && !is_at_end)
            status = stream_row(of, &entry, &err);
    }
    if (status) {
        sf_log(SF_LOG_WARN, "an answer was cut off err=%s", err.text);
        return SF_REPLY_BROKEN;
    }
    if (!is_at_end)
        return SF_REPLY_MORE;
    sf_json_write_end_array(&of->json);
    return SF_REPLY_LAST;
}

static void end_stream(void *user)
{
    row_stream *of = user;

    sf_view_iterator_free(of->rows);
    free(of);
}

static void stream_rows(sf_reply *reply, const analytics_views *views, const hours_query *query,
                        sf_view_iterator *rows)
{
    static const sf_reply_source source = {next_piece, end_stream};
    row_stream *of = sf_zalloc(sizeof *of);

    *of = (row_stream){.views = views, .rows = rows, .after = query->after};
    sf_json_writer_init(&of->json, NULL);
    sf_reply_stream(reply, 200, "application/json", &source, of);
}

/* ---- with one ---- */

static void link_next(const sf_request *request, sf_reply *reply, const hours_query *query,
                      cursor last)
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

static sf_status reply_rows(const hours_question *of, sf_reply *reply, sf_view_iterator *rows,
                            sf_error *err)
{
    sf_json_writer *json = sf_reply_json(reply, 200);
    cursor last = {-1, 0};
    bool has_more = false;
    part_writer out;
    sf_status status;

    part_writer_init_reply(&out, json);
    sf_json_write_array(json, NULL);
    status = write_rows(of, rows, of->query.limit, &out, &last, &has_more, err);
    sf_json_write_end_array(json);
    if (!status && has_more)
        link_next(of->request, reply, &of->query, last);
    return status;
}

/* ---- from here, or from all instances ---- */

static sf_status open_here(const hours_question *of, sf_view_iterator **rows, sf_error *err)
{
    sf_view *view = NULL;
    sf_status status;

    if (!of->query.product_id)
        return open_rows(of->views->hourly_sales, &of->query, rows, err);
    status = analytics_view_of_key(of->views, HOURLY_SALES_STORE,
                                   sf_bytes_text(sf_request_query(of->request, "productId")), &view,
                                   err);
    if (!status)
        status = open_rows(view, &of->query, rows, err);
    sf_view_free(view); /* its rows are held by themselves */
    return status;
}

static sf_status answer_here(void *asked, sf_reply *reply, sf_error *err)
{
    const hours_question *of = asked;
    sf_view_iterator *rows = NULL;
    sf_status status = open_here(of, &rows, err);

    if (status)
        return status;
    if (!of->query.limit) {
        stream_rows(reply, of->views, &of->query, rows);
        return SF_OK;
    }
    status = reply_rows(of, reply, rows, err);
    sf_view_iterator_free(rows);
    return status;
}

static sf_status collect(void *asked, sf_view *view, part_writer *part, sf_error *err)
{
    const hours_question *of = asked;
    int64_t limit = of->query.limit ? of->query.limit : PART_ROWS_MAX;
    sf_view_iterator *rows = NULL;
    cursor last = {-1, 0};
    uint8_t place[RANK_SIZE];
    bool has_more = false;
    sf_status status = open_rows(view, &of->query, &rows, err);

    if (!status)
        status = write_rows(of, rows, limit, part, &last, &has_more, err);
    sf_view_iterator_free(rows);
    part_writer_close(part, has_more, rank_of(last, place));
    return status;
}

static void refuse_range(sf_reply *reply)
{
    sf_reply_problem(reply, 400, "range-too-large",
                     "an instance has more than %d hours of this range: ask with limit, and follow "
                     "the links",
                     PART_ROWS_MAX);
    sf_reply_problem_parameter(reply, "limit", "is needed for so many hours of several instances");
}

static sf_status answer(void *asked, sf_reply *reply, part_merge *parts, const gaps *missing,
                        sf_error *err)
{
    const hours_question *of = asked;
    int64_t limit = of->query.limit ? of->query.limit : INT64_MAX;
    sf_json_writer *json = sf_reply_json(reply, 200);
    sf_bytes rank, item, place;

    sf_json_write_array(json, NULL);
    for (int64_t i = 0; i < limit && part_merge_next(parts, &rank, &item); i++)
        sf_json_write_raw(json, NULL, item);
    sf_json_write_end_array(json);
    gaps_tell(missing, reply);
    if (!part_merge_has_more(parts, &place))
        return SF_OK;
    if (place.size != RANK_SIZE)
        return sf_fail(err, SF_CORRUPT, "a place among the hours of %zu bytes", place.size);
    if (of->query.limit)
        link_next(of->request, reply, &of->query,
                  (cursor){(int64_t)sf_get_be64(place.data),
                           (int64_t)sf_get_be64(place.data + RANK_SIZE / 2)});
    else
        refuse_range(reply);
    return SF_OK;
}

void hourly_sales_get(const sf_request *request, sf_reply *reply, void *user)
{
    const analytics_views *views = user;
    hours_question *of = sf_arena_zalloc(sf_request_arena(request), sizeof(*of));
    gathering wanted = {
        .store = HOURLY_SALES_STORE,
        .asked = of,
        .answer_here = answer_here,
        .collect = collect,
        .answer = answer,
    };

    of->views = views;
    of->request = request;
    if (!read_query(request, reply, &of->query))
        return;
    of->query.hours = hours_of(&of->query, sf_clock_now_ms(views->clock));
    if (of->query.product_id)
        wanted.record_key = sf_bytes_text(sf_request_query(request, "productId"));
    fleet_gather(views->fleet, request, reply, &wanted);
}
