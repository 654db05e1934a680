#include "http/hourly_sales.h"

#include <stdlib.h>
#include <string.h>

#include <stateful/log.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "fleet/gather.h"
#include "http/hours_query.h"
#include "topology/query_topology.h"

enum {
    RANK_SIZE = 16,
    PIECE_SIZE = 16 * 1024,
    PART_ROWS_MAX = 100000, /* of one instance, without a limit: these are held in memory */
};

typedef struct hours_question {
    const analytics_views *views;
    const sf_request *request;
    hours_query query;
} hours_question;

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

static bool is_behind(hours_cursor row, hours_cursor after)
{
    return row.start_ms > after.start_ms ||
           (row.start_ms == after.start_ms && row.product_id > after.product_id);
}

static sf_status write_row(sf_json_writer *json, hours_cursor row, sf_bytes value, int exponent,
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
static sf_status place_of(const sf_view_entry *entry, hours_cursor *row, sf_error *err)
{
    if (entry->key.size != 8)
        return sf_fail(err, SF_CORRUPT, "an hour's key has %zu bytes", entry->key.size);
    *row = (hours_cursor){entry->start_ms, (int64_t)sf_get_be64(entry->key.data)};
    return SF_OK;
}

static sf_bytes rank_of(hours_cursor row, uint8_t rank[RANK_SIZE])
{
    sf_put_be64(rank, (uint64_t)row.start_ms);
    sf_put_be64(rank + RANK_SIZE / 2, (uint64_t)row.product_id);
    return sf_bytes_of(rank, RANK_SIZE);
}

/* Writes rows until the limit; *last = the last one written, *has_more = another follows it. */
static sf_status write_rows(const hours_question *of, sf_view_iterator *rows, int64_t limit,
                            part_writer *out, hours_cursor *last, bool *has_more, sf_error *err)
{
    sf_status status = SF_OK;
    uint8_t rank[RANK_SIZE];
    sf_view_entry entry;
    int64_t count = 0;
    hours_cursor row;

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
    hours_cursor after;
    sf_json_writer json; /* goes on from piece to piece */
    bool has_begun;
    sf_buffer first; /* piece, read ahead; empty once it is sent */
} row_stream;

static sf_status stream_row(row_stream *of, const sf_view_entry *entry, sf_error *err)
{
    hours_cursor row;
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

static sf_reply_piece first_or_next_piece(void *user, sf_buffer *out)
{
    row_stream *of = user;

    if (!of->first.size)
        return next_piece(of, out);
    sf_buffer_add_bytes(out, sf_buffer_bytes(&of->first));
    sf_buffer_clear(&of->first);
    return SF_REPLY_MORE;
}

static void end_stream(void *user)
{
    row_stream *of = user;

    sf_view_iterator_free(of->rows);
    sf_buffer_done(&of->first);
    free(of);
}

static row_stream *row_stream_new(const hours_question *question, sf_view_iterator *rows)
{
    row_stream *of = sf_zalloc(sizeof *of);

    *of = (row_stream){.views = question->views, .rows = rows, .after = question->query.after};
    sf_json_writer_init(&of->json, NULL);
    return of;
}

/* What tells questions apart whose rows are sent without a limit. */
typedef struct question_key {
    int64_t numbers[5];
} question_key;

static question_key key_of(const hours_query *query)
{
    return (question_key){{query->hours.first_ms, query->hours.last_ms, query->product_id,
                           query->after.start_ms, query->after.product_id}};
}

/* Rows that fit into one piece go as a whole, and are kept for those who ask the same; others go as they are
 * read. Takes the rows. */
static sf_status send_rows(const hours_question *of, sf_reply *reply, sf_view_iterator *rows,
                           sf_view_version version, sf_error *err)
{
    static const sf_reply_source source = {first_or_next_piece, end_stream};
    row_stream *stream = row_stream_new(of, rows);
    question_key key = key_of(&of->query);

    switch (next_piece(stream, &stream->first)) {
    case SF_REPLY_MORE:
        sf_reply_stream(reply, 200, "application/json", &source, stream);
        return SF_OK;
    case SF_REPLY_LAST:
        answer_cache_keep(of->views->hours, sf_bytes_of(&key, sizeof(key)), version,
                          sf_buffer_bytes(&stream->first));
        sf_reply_json_bytes(reply, 200, sf_buffer_bytes(&stream->first));
        end_stream(stream);
        return SF_OK;
    default:
        end_stream(stream);
        return sf_fail(err, SF_IO, "the hours cannot be read");
    }
}

/* If there is none, whoever replies begins anew. */
static bool has_kept_answer(const hours_question *of, sf_reply *reply, sf_view_version version)
{
    question_key key = key_of(&of->query);

    return answer_cache_find(of->views->hours, sf_bytes_of(&key, sizeof(key)), version,
                             sf_reply_json(reply, 200)->out);
}

/* The version is taken first: what is written meanwhile makes the answer newer than its version says, never
 * older. */
static sf_status answer_whole(const hours_question *of, sf_view *view, sf_reply *reply,
                              sf_error *err)
{
    sf_view_iterator *rows = NULL;
    sf_view_version version;
    sf_status status = sf_view_version_get(view, &version, err);

    if (status || has_kept_answer(of, reply, version))
        return status;
    status = open_rows(view, &of->query, &rows, err);
    return status ? status : send_rows(of, reply, rows, version, err);
}

/* ---- with one ---- */

static sf_status reply_rows(const hours_question *of, sf_reply *reply, sf_view_iterator *rows,
                            sf_error *err)
{
    sf_json_writer *json = sf_reply_json(reply, 200);
    hours_cursor last = {-1, 0};
    bool has_more = false;
    part_writer out;
    sf_status status;

    part_writer_init_reply(&out, json);
    sf_json_write_array(json, NULL);
    status = write_rows(of, rows, of->query.limit, &out, &last, &has_more, err);
    sf_json_write_end_array(json);
    if (!status && has_more)
        hours_query_link_next(of->request, reply, &of->query, last);
    return status;
}

/* ---- from here, or from all instances ---- */

static sf_status answer_page(const hours_question *of, sf_view *view, sf_reply *reply,
                             sf_error *err)
{
    sf_view_iterator *rows = NULL;
    sf_status status = open_rows(view, &of->query, &rows, err);

    if (!status)
        status = reply_rows(of, reply, rows, err);
    sf_view_iterator_free(rows);
    return status;
}

static sf_status answer_from(const hours_question *of, sf_view *view, sf_reply *reply,
                             sf_error *err)
{
    return of->query.limit ? answer_page(of, view, reply, err) : answer_whole(of, view, reply, err);
}

static sf_status answer_here(void *asked, sf_reply *reply, sf_error *err)
{
    const hours_question *of = asked;
    sf_view *view = NULL;
    sf_status status;

    if (!of->query.product_id)
        return answer_from(of, of->views->hourly_sales, reply, err);
    status = analytics_view_of_key(of->views, HOURLY_SALES_STORE,
                                   sf_bytes_text(sf_request_query(of->request, "productId")), &view,
                                   err);
    if (!status)
        status = answer_from(of, view, reply, err);
    sf_view_free(view); /* its rows are held by themselves */
    return status;
}

static sf_status collect(void *asked, sf_view *view, part_writer *part, sf_error *err)
{
    const hours_question *of = asked;
    int64_t limit = of->query.limit ? of->query.limit : PART_ROWS_MAX;
    sf_view_iterator *rows = NULL;
    hours_cursor last = {-1, 0};
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
        hours_query_link_next(of->request, reply, &of->query,
                              (hours_cursor){(int64_t)sf_get_be64(place.data),
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
    if (!hours_query_read(request, reply, sf_clock_now_ms(views->clock), &of->query))
        return;
    if (of->query.product_id)
        wanted.record_key = sf_bytes_text(sf_request_query(request, "productId"));
    fleet_gather(views->fleet, request, reply, &wanted);
}
