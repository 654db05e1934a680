#include "http/entity.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/encoding.h"
#include "http/list_page.h"

enum { KEY_SIZE = 8 };

/* ---- one ---- */

static sf_status load(const entity_kind *kind, const analytics_views *views, sf_arena *arena,
                      entity *read, sf_error *err)
{
    uint8_t key[KEY_SIZE];
    sf_stored stored;
    sf_status status;

    sf_put_be64(key, (uint64_t)read->id);
    status = sf_view_get(kind->view(views), sf_bytes_of(key, sizeof key), arena, &stored, err);
    if (status || sf_bytes_is_null(stored.value))
        return status;
    return kind->decode(stored.value, arena, read, err);
}

static void reply_entity(const entity_kind *kind, const sf_request *request, sf_reply *reply,
                         const entity *read, int currency_exponent)
{
    const char *known = sf_request_header(request, "If-None-Match");
    char etag[32];

    (void)snprintf(etag, sizeof etag, "\"%" PRId64 "\"", read->version); /* always fits */
    if (known && !strcmp(known, etag))
        sf_reply_empty(reply, 304);
    else
        kind->write(read, currency_exponent, sf_reply_json(reply, 200));
    sf_reply_header(reply, "ETag", etag);
}

static void reply_older(const entity_kind *kind, sf_reply *reply, const entity *read,
                        int64_t least_version)
{
    sf_reply_problem(reply, 409, "not-yet-visible",
                     "%s %" PRId64 " is known up to version %" PRId64 ", not %" PRId64 " yet",
                     kind->noun, read->id, read->version, least_version);
    sf_reply_header(reply, "Retry-After", "1");
    sf_json_write_integer(sf_reply_problem_members(reply), "version", read->version);
}

/* Answers with what is there, or says false when it is not what was asked for and may still come. */
static bool answer(const entity_kind *kind, const sf_request *request, sf_reply *reply,
                   const analytics_views *views, bool is_last)
{
    sf_request_bounds versions = {1, SF_JSON_ID_MAX};
    entity read = {0};
    int64_t least_version = 1;
    sf_error err = {0};
    sf_status status;

    if (!sf_request_part_as_id(request, reply, "id", &read.id) ||
        !sf_request_query_as_integer(request, reply, "minVersion", versions, &least_version))
        return true;
    status = load(kind, views, sf_request_arena(request), &read, &err);
    if (!status && read.version >= least_version)
        reply_entity(kind, request, reply, &read, views->currency_exponent);
    else if ((!status || status == SF_RETRY) && !is_last)
        return false;
    else if (status)
        analytics_reply_failure(views, reply, status, &err);
    else if (read.version)
        reply_older(kind, reply, &read, least_version);
    else
        sf_reply_problem(reply, 404, "not-found", "there is no %s %" PRId64, kind->noun, read.id);
    return true;
}

static bool answer_order(const sf_request *request, sf_reply *reply, void *user, bool is_last)
{
    return answer(&order_kind, request, reply, user, is_last);
}

static bool answer_customer(const sf_request *request, sf_reply *reply, void *user, bool is_last)
{
    return answer(&customer_kind, request, reply, user, is_last);
}

void entity_get(const entity_kind *kind, const sf_request *request, sf_reply *reply,
                const entity_desk *desk)
{
    int64_t wait_ms;

    if (waiting_reads_time(request, reply, &wait_ms))
        waiting_reads_answer(desk->waiting, request, reply,
                             kind == &order_kind ? answer_order : answer_customer,
                             (void *)desk->views, wait_ms);
}

/* ---- a page of all ---- */

typedef struct listing {
    const entity_kind *kind;
    const analytics_views *views;
    entity_filter filter;
    const void *wanted;
    list_page page;
} listing;

static sf_status write_row(listing *of, const sf_view_entry *row, sf_json_writer *json,
                           sf_error *err)
{
    entity read = {0};
    sf_status status;
    bool is_in;

    if (row->key.size != KEY_SIZE)
        return sf_fail(err, SF_CORRUPT, "a key of %zu bytes is no id", row->key.size);
    read.id = (int64_t)sf_get_be64(row->key.data);
    status = of->kind->decode(row->stored.value, of->page.arena, &read, err);
    if (status)
        return status;
    is_in = read.version && (!of->filter || of->filter(&read, of->wanted));
    if (is_in)
        of->kind->write(&read, of->views->currency_exponent, json);
    list_page_pass(&of->page, row->key, is_in);
    return SF_OK;
}

static sf_status write_rows(listing *of, sf_view_iterator *rows, sf_json_writer *json,
                            bool *has_more, sf_error *err)
{
    sf_status status = SF_OK;
    sf_view_entry row;

    *has_more = false;
    while (!status && !*has_more && sf_view_iterator_next(rows, &row, &status, err)) {
        *has_more = !list_page_has_room(&of->page);
        if (!*has_more)
            status = write_row(of, &row, json, err);
    }
    return status;
}

void entity_list(const entity_kind *kind, const sf_request *request, sf_reply *reply,
                 const entity_desk *desk, entity_filter filter, const void *wanted)
{
    listing of = {.kind = kind, .views = desk->views, .filter = filter, .wanted = wanted};
    sf_view_iterator *rows = NULL;
    sf_json_writer *json;
    bool has_more = false;
    sf_error err = {0};
    sf_status status;

    if (!list_page_read(&of.page, request, reply))
        return;
    json = sf_reply_json(reply, 200);
    sf_json_write_object(json, NULL);
    sf_json_write_array(json, "items");
    status = sf_view_range(kind->view(desk->views), of.page.from, SF_NULL, false, &rows, &err);
    if (!status)
        status = write_rows(&of, rows, json, &has_more, &err);
    sf_view_iterator_free(rows);
    sf_json_write_end_array(json);
    list_page_write_next(&of.page, has_more, json);
    sf_json_write_end_object(json);
    if (status)
        analytics_reply_failure(desk->views, reply, status, &err);
}
