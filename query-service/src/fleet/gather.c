/* gather.c - the way of a question that several instances answer:
 *
 *   the handler's thread   is all here? answered. Else plan; the part from here; the reply is deferred; the
 *                          others are asked
 *   the courier's thread   an answer: kept. The last one: merged, replied
 *
 *   1 Between the deferring and the last answer nobody touches the request's arena: each answer is kept in
 *     a place of its own.
 *   2 Who counts `left` down to 0 is the last, and the only one who goes on.
 */
#include "fleet/gather.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/log.h>

#include "base/memory.h"
#include "fleet/part_request.h"
#include "service/json_reader.h"

enum { STATUS_OK = 200, STATUS_AWAY = 503 };

struct round;

/* What one instance was asked, and what it said. */
typedef struct reply_of_share {
    struct round *round;
    const fleet_share *share;
    const char *text; /* of the header */
    sf_buffer body;
    bool is_part;    /* the body */
    int status;      /* 0: there was no answer */
    const char *why; /* there was none; a static text */
} reply_of_share;

/* A question under way; in the request's arena. */
typedef struct round {
    fleet *owner;
    const sf_request *request;
    sf_reply *reply;
    gathering wanted;
    fleet_plan plan;
    sf_buffer own_part;
    bool has_own_part;
    bool allows_partial;
    gaps missing;
    reply_of_share *replies; /* one a share of plan.there */
    _Atomic size_t left;
} round;

/* ---- failing ---- */

static void reply_broken(sf_reply *reply, const sf_error *err)
{
    sf_log(SF_LOG_ERROR, "a question to the fleet failed err=\"%s\"", err->text);
    sf_reply_problem(reply, 500, "internal-error", "the state stores cannot be read");
}

static void add_gaps(round *of, const fleet_share *share, const char *reason, int64_t remaining)
{
    gap item = {.partition = -1,
                .instance = share->address,
                .reason = reason,
                .restore_remaining = remaining};

    if (!share->partition_count)
        gaps_add(&of->missing, sf_request_arena(of->request), &item);
    for (size_t i = 0; i < share->partition_count; i++) {
        item.partition = share->partitions[i];
        gaps_add(&of->missing, sf_request_arena(of->request), &item);
    }
}

/* How far the instance is that refused; -1 if it does not say. */
static int64_t remaining_at(const reply_of_share *from, sf_arena *arena)
{
    static const sf_json_member members[] = {SF_JSON_OPTIONAL("restoreRemaining")};
    sf_json_reader json;
    sf_json_object object;
    int64_t remaining = -1;

    sf_json_reader_init(&json, sf_buffer_bytes(&from->body), arena);
    (void)sf_json_read_object(&json, &object, members, 1); /* else there are no members */
    while (sf_json_next_member(&json, &object) >= 0)
        (void)sf_json_read_integer(&json, (sf_json_bounds){0, INT64_MAX}, &remaining);
    return sf_json_read_end(&json, NULL) ? -1 : remaining;
}

static void note_failure(round *of, const reply_of_share *from)
{
    sf_arena *arena = sf_request_arena(of->request);

    if (!from->status)
        add_gaps(of, from->share, sf_arena_printf(arena, "does not answer: %s", from->why), -1);
    else if (from->status == STATUS_AWAY)
        add_gaps(of, from->share, "is restoring it, or has let it go", remaining_at(from, arena));
    else
        add_gaps(of, from->share, sf_arena_printf(arena, "answers %d", from->status), -1);
}

/* ---- the end ---- */

static void answer(round *of, const sf_bytes *parts, size_t count)
{
    part_merge merge;
    sf_error err = {0};
    sf_status status = part_merge_open(&merge, parts, count, sf_request_arena(of->request), &err);

    if (!status)
        status = of->wanted.answer(of->wanted.asked, of->reply, &merge, &of->missing, &err);
    if (status)
        reply_broken(of->reply, &err);
}

/* All that could be had is there. */
static void finish(round *of)
{
    sf_bytes *parts = sf_arena_alloc(sf_request_arena(of->request),
                                     (of->plan.there_count + 1) * sizeof(parts[0]));
    size_t count = 0;

    if (of->has_own_part)
        parts[count++] = sf_buffer_bytes(&of->own_part);
    for (size_t i = 0; i < of->plan.there_count; i++) {
        if (of->replies[i].is_part)
            parts[count++] = sf_buffer_bytes(&of->replies[i].body);
        else
            note_failure(of, &of->replies[i]);
    }
    if (of->missing.count)
        sf_streams_metadata_refresh(fleet_streams(of->owner));
    if (of->missing.count && !of->allows_partial)
        gaps_refuse(&of->missing, fleet_streams(of->owner), of->reply);
    else
        answer(of, parts, count);
    for (size_t i = 0; i < of->plan.there_count; i++)
        sf_buffer_done(&of->replies[i].body);
    sf_buffer_done(&of->own_part);
}

/* The courier's thread, or that of the handler. */
static void on_answer(void *user, const courier_answer *answered)
{
    reply_of_share *from = user;
    round *of = from->round;
    const char *type = courier_answer_header(answered, "Content-Type");

    from->status = answered->status;
    from->why = answered->why;
    sf_buffer_add_bytes(&from->body, answered->body);
    from->is_part = from->status == STATUS_OK && type && !strcmp(type, PART_CONTENT_TYPE);
    if (atomic_fetch_sub(&of->left, 1) > 1)
        return;
    finish(of);
    sf_reply_send(of->reply);
}

/* ---- the beginning ---- */

static sf_status collect(fleet *self, const gathering *wanted, const fleet_share *share,
                         sf_buffer *page, sf_error *err)
{
    sf_view *view = NULL;
    part_writer part;
    sf_status status = SF_OK;

    part_writer_init(&part, page);
    if (wanted->store)
        status = sf_streams_view_partitions(fleet_streams(self), wanted->store, share->partitions,
                                            share->partition_count, &view, err);
    if (!status)
        status = wanted->collect(wanted->asked, view, &part, err);
    sf_view_free(view);
    return status;
}

static sf_status collect_own(round *of, sf_error *err)
{
    const fleet_share *share = &of->plan.here;
    sf_status status;

    if (of->wanted.store && !share->partition_count)
        return SF_OK;
    status = collect(of->owner, &of->wanted, share, &of->own_part, err);
    if (status == SF_RETRY) { /* it has just gone */
        add_gaps(of, share, "has let it go", -1);
        return SF_OK;
    }
    of->has_own_part = !status;
    return status;
}

static void ask_all(round *of)
{
    size_t count = of->plan.there_count;

    atomic_store(&of->left, count);
    sf_reply_defer(of->reply);
    for (size_t i = 0; i < count; i++) { /* with the last one, the round may be over */
        reply_of_share *asked = &of->replies[i];
        const fleet_question_to question = {
            .address = asked->share->address,
            .part = asked->text,
            .done = on_answer,
            .user = asked,
        };

        fleet_ask(of->owner, of->request, &question);
    }
}

static void begin(round *of)
{
    sf_arena *arena = sf_request_arena(of->request);
    sf_error err = {0};

    if (collect_own(of, &err)) {
        sf_buffer_done(&of->own_part);
        reply_broken(of->reply, &err);
        return;
    }
    of->replies = sf_arena_zalloc(arena, (of->plan.there_count + 1) * sizeof(of->replies[0]));
    for (size_t i = 0; i < of->plan.there_count; i++) {
        const fleet_share *share = &of->plan.there[i];

        of->replies[i] =
            (reply_of_share){.round = of, .share = share, .text = part_request_text(share, arena)};
    }
    if (of->plan.there_count)
        ask_all(of);
    else
        finish(of);
}

/* ---- the plan ---- */

static void note_missing(round *of)
{
    const char *own = fleet_address(of->owner);
    sf_streams_counters counters;

    sf_streams_counters_get(fleet_streams(of->owner), &counters);
    for (size_t i = 0; i < of->plan.missing_count; i++) {
        const sf_partition_metadata *holder = &of->plan.missing[i];
        bool is_own = own && !strcmp(own, holder->address);

        gaps_add(&of->missing, sf_request_arena(of->request),
                 &(gap){.partition = holder->partition,
                        .instance = holder->address,
                        .reason = is_own ? "is restoring it" : "no instance is known to hold it",
                        .restore_remaining = is_own ? (int64_t)counters.restore_remaining : -1});
    }
}

static sf_status find_holders(round *of, sf_partition_metadata **holders, int32_t *count,
                              sf_error *err)
{
    sf_streams *streams = fleet_streams(of->owner);
    const gathering *wanted = &of->wanted;

    if (sf_bytes_is_null(wanted->record_key))
        return sf_streams_store_metadata(streams, wanted->store, holders, count, err);
    *holders = sf_zalloc(sizeof(**holders));
    *count = 1;
    return sf_streams_key_metadata(streams, wanted->store, wanted->record_key, *holders, err);
}

static sf_status plan_by_store(round *of, sf_error *err)
{
    sf_partition_metadata *holders = NULL;
    int32_t count = 0;
    sf_status status = find_holders(of, &holders, &count, err);

    if (!status) {
        fleet_plan_make(&of->plan, holders, (size_t)count, fleet_address(of->owner),
                        sf_request_arena(of->request));
        of->missing.store = of->wanted.store;
        note_missing(of);
    }
    free(holders);
    return status;
}

static void add_instance(void *user, const sf_instance_metadata *instance)
{
    round *of = user;
    sf_arena *arena = sf_request_arena(of->request);
    fleet_plan *plan = &of->plan;
    fleet_share *longer;

    if (instance->is_local)
        return;
    longer = sf_arena_alloc(arena, (plan->there_count + 1) * sizeof(longer[0]));
    if (plan->there_count)
        memcpy(longer, plan->there, plan->there_count * sizeof(longer[0]));
    longer[plan->there_count++] = (fleet_share){.address = sf_arena_text(arena, instance->address)};
    plan->there = longer;
}

static sf_status make_plan(round *of, sf_error *err)
{
    if (of->wanted.store)
        return plan_by_store(of, err);
    sf_streams_all_metadata(fleet_streams(of->owner), add_instance, of);
    return SF_OK;
}

/* ---- a question from a client, or from another instance ---- */

static void reply_failure(fleet *self, sf_reply *reply, sf_status status, const sf_error *err)
{
    if (status == SF_RETRY)
        gaps_refuse(&(gaps){0}, fleet_streams(self), reply);
    else
        reply_broken(reply, err);
}

static void answer_share(fleet *self, const sf_request *request, sf_reply *reply,
                         const gathering *wanted, const char *text)
{
    sf_buffer page = SF_BUFFER_EMPTY;
    fleet_share share;
    sf_error err = {0};
    sf_status status;

    if (!part_request_read(request, text, wanted->store != NULL, reply, &share))
        return;
    status = collect(self, wanted, &share, &page, &err);
    if (status)
        reply_failure(self, reply, status, &err);
    else
        sf_reply_body(reply, STATUS_OK, PART_CONTENT_TYPE, sf_buffer_bytes(&page));
    sf_buffer_done(&page);
}

static void ask_fleet(fleet *self, const sf_request *request, sf_reply *reply,
                      const gathering *wanted, bool allows_partial)
{
    round *of = sf_arena_zalloc(sf_request_arena(request), sizeof(*of));
    sf_error err = {0};
    sf_status status;

    of->owner = self;
    of->request = request;
    of->reply = reply;
    of->wanted = *wanted;
    of->allows_partial = allows_partial;
    status = make_plan(of, &err);
    if (status)
        reply_failure(self, reply, status, &err);
    else
        begin(of);
}

static bool read_partial(const sf_request *request, sf_reply *reply, bool *allows)
{
    const char *text = sf_request_query(request, "allowPartial");

    *allows = text && !strcmp(text, "true");
    if (!text || *allows || !strcmp(text, "false"))
        return true;
    sf_reply_problem(reply, 400, "invalid-parameter",
                     "allowPartial must be true or false; it is '%.100s'", text);
    sf_reply_problem_parameter(reply, "allowPartial", "must be true or false");
    return false;
}

void fleet_gather(fleet *self, const sf_request *request, sf_reply *reply, const gathering *wanted)
{
    const char *part = sf_request_header(request, FLEET_PART_HEADER);
    bool allows_partial = wanted->is_always_partial;
    sf_error err = {0};
    sf_status status = SF_RETRY;

    if (!wanted->is_always_partial && !read_partial(request, reply, &allows_partial))
        return;
    if (part) {
        answer_share(self, request, reply, wanted, part);
        return;
    }
    if (wanted->store)
        status = wanted->answer_here(wanted->asked, reply, &err);
    if (status == SF_RETRY && !fleet_is_forwarded(request))
        ask_fleet(self, request, reply, wanted, allows_partial);
    else if (status)
        reply_failure(self, reply, status, &err);
}
