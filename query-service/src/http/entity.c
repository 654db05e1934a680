#include "http/entity.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/encoding.h"
#include "http/list_answer.h"

enum { KEY_SIZE = 8 };

/* ---- one ---- */

static sf_status load(const entity_kind *kind, const analytics_views *views,
                      const sf_request *request, entity *read, sf_error *err)
{
    sf_arena *arena = sf_request_arena(request);
    sf_bytes record_key = sf_bytes_text(sf_request_part(request, "id"));
    uint8_t key[KEY_SIZE];
    sf_stored stored;
    sf_status status;

    sf_put_be64(key, (uint64_t)read->id);
    status = sf_view_get_of(kind->view(views), record_key, sf_bytes_of(key, sizeof key), arena,
                            &stored, err);
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

typedef enum attempt {
    ANSWERED,
    NOT_YET,  /* it is not what was asked for, and may still come */
    NOT_HERE, /* its partition cannot be read here */
} attempt;

/* is_last: answers whatever there is, unless it is not here. */
static attempt try_to_answer(const entity_kind *kind, const sf_request *request, sf_reply *reply,
                             const analytics_views *views, bool is_last)
{
    sf_request_bounds versions = {1, SF_JSON_ID_MAX};
    entity read = {0};
    int64_t least_version = 1;
    sf_error err = {0};
    sf_status status;

    if (!sf_request_part_as_id(request, reply, "id", &read.id) ||
        !sf_request_query_as_integer(request, reply, "minVersion", versions, &least_version))
        return ANSWERED;
    status = load(kind, views, request, &read, &err);
    if (status == SF_RETRY)
        return NOT_HERE;
    if (status)
        analytics_reply_failure(views, reply, status, &err);
    else if (read.version >= least_version)
        reply_entity(kind, request, reply, &read, views->currency_exponent);
    else if (!is_last)
        return NOT_YET;
    else if (read.version)
        reply_older(kind, reply, &read, least_version);
    else
        sf_reply_problem(reply, 404, "not-found", "there is no %s %" PRId64, kind->noun, read.id);
    return ANSWERED;
}

static bool answer(const entity_kind *kind, const sf_request *request, sf_reply *reply,
                   const analytics_views *views, bool is_last)
{
    attempt made = try_to_answer(kind, request, reply, views, is_last);

    if (made == NOT_HERE && is_last)
        analytics_reply_failure(views, reply, SF_RETRY, NULL);
    return made == ANSWERED || is_last;
}

static bool answer_order(const sf_request *request, sf_reply *reply, void *user, bool is_last)
{
    return answer(&order_kind, request, reply, user, is_last);
}

static bool answer_customer(const sf_request *request, sf_reply *reply, void *user, bool is_last)
{
    return answer(&customer_kind, request, reply, user, is_last);
}

static bool forward(const entity_kind *kind, const sf_request *request, sf_reply *reply,
                    const entity_desk *desk, int64_t wait_ms)
{
    const forwarding key = {
        .store = kind->store,
        .record_key = sf_bytes_text(sf_request_part(request, "id")),
        .wait_ms = wait_ms,
    };

    return fleet_forward(desk->views->fleet, request, reply, &key);
}

/* What is here and not there yet is waited for here; what is elsewhere, there. */
void entity_get(const entity_kind *kind, const sf_request *request, sf_reply *reply,
                const entity_desk *desk)
{
    int64_t wait_ms;
    attempt made;

    if (!waiting_reads_time(request, reply, &wait_ms))
        return;
    made = try_to_answer(kind, request, reply, desk->views, !wait_ms);
    if (made == ANSWERED || (made == NOT_HERE && forward(kind, request, reply, desk, wait_ms)))
        return;
    waiting_reads_answer(desk->waiting, request, reply,
                         kind == &order_kind ? answer_order : answer_customer, (void *)desk->views,
                         wait_ms);
}

/* ---- a page of all ---- */

typedef struct listing {
    const entity_kind *kind;
    const analytics_views *views;
    entity_filter filter;
    const void *wanted;
} listing;

static sf_status write_row(void *asked, const sf_view_entry *row, sf_arena *arena, part_writer *out,
                           bool *is_in, sf_error *err)
{
    const listing *of = asked;
    entity read = {0};
    sf_status status;

    if (row->key.size != KEY_SIZE)
        return sf_fail(err, SF_CORRUPT, "a key of %zu bytes is no id", row->key.size);
    read.id = (int64_t)sf_get_be64(row->key.data);
    status = of->kind->decode(row->stored.value, arena, &read, err);
    if (status)
        return status;
    *is_in = read.version && (!of->filter || of->filter(&read, of->wanted));
    if (*is_in) {
        of->kind->write(&read, of->views->currency_exponent, part_writer_begin(out, row->key));
        part_writer_end(out);
    }
    return SF_OK;
}

void entity_list(const entity_kind *kind, const sf_request *request, sf_reply *reply,
                 const entity_desk *desk, entity_filter filter, const void *wanted)
{
    listing *of = sf_arena_alloc(sf_request_arena(request), sizeof(*of));
    list_question question = {
        .store = kind->store, .all = kind->view(desk->views), .row = write_row, .asked = of};

    *of = (listing){kind, desk->views, filter, wanted};
    if (list_page_read(&question.page, request, reply))
        list_answer(desk->views, request, reply, &question);
}
