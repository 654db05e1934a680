#include "fleet/forward.h"

#include <string.h>

#include <stateful/streams_metadata.h>

#include "fleet/gaps.h"

enum { STATUS_AWAY = 503, STATUS_UNCHANGED = 304 };

/* A question on its way; in the request's arena. */
typedef struct journey {
    fleet *owner;
    const sf_request *request;
    sf_reply *reply;
    const char *store;
    sf_partition_metadata holder;
} journey;

static void refuse(const journey *of, const char *reason)
{
    gaps missing = {.store = of->store};
    sf_streams *streams = fleet_streams(of->owner);

    gaps_add(&missing, sf_request_arena(of->request),
             &(gap){.partition = of->holder.partition,
                    .instance = of->holder.address,
                    .reason = reason,
                    .restore_remaining = -1});
    gaps_refuse(&missing, streams, of->reply);
    sf_streams_metadata_refresh(streams);
}

static void copy_headers(const courier_answer *answer, sf_reply *reply)
{
    static const char *const names[] = {"ETag", "Link", "Retry-After", "Vary"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = courier_answer_header(answer, names[i]);

        if (value)
            sf_reply_header(reply, names[i], value);
    }
}

static void copy_answer(const courier_answer *answer, sf_reply *reply)
{
    const char *type = courier_answer_header(answer, "Content-Type");

    if (type && answer->status != STATUS_UNCHANGED)
        sf_reply_body(reply, answer->status, type, answer->body);
    else
        sf_reply_empty(reply, answer->status);
    copy_headers(answer, reply);
}

/* The courier's thread, or that of the handler. */
static void on_answer(void *user, const courier_answer *answer)
{
    journey *of = user;

    if (answer->status)
        copy_answer(answer, of->reply);
    else
        refuse(of,
               sf_arena_printf(sf_request_arena(of->request), "does not answer: %s", answer->why));
    if (answer->status == STATUS_AWAY)
        sf_streams_metadata_refresh(fleet_streams(of->owner));
    sf_reply_send(of->reply);
}

static void set_out(journey *of, int64_t wait_ms)
{
    const fleet_question_to question = {
        .address = of->holder.address, .wait_ms = wait_ms, .done = on_answer, .user = of};

    sf_reply_defer(of->reply);
    fleet_ask(of->owner, of->request, &question);
}

static bool is_own(const fleet *self, const char *address)
{
    return fleet_address(self) && !strcmp(fleet_address(self), address);
}

bool fleet_forward(fleet *self, const sf_request *request, sf_reply *reply,
                   const forwarding *wanted)
{
    journey *of = sf_arena_zalloc(sf_request_arena(request), sizeof(*of));

    *of = (journey){.owner = self, .request = request, .reply = reply, .store = wanted->store};
    if (fleet_is_forwarded(request) ||
        sf_streams_key_metadata(fleet_streams(self), wanted->store, wanted->record_key, &of->holder,
                                NULL) ||
        of->holder.is_local)
        return false;
    if (is_own(self, of->holder.address) && wanted->wait_ms)
        return false; /* it may be restored by then */
    if (!of->holder.address[0])
        refuse(of, "no instance is known to hold it");
    else if (is_own(self, of->holder.address))
        refuse(of, "is restoring it");
    else
        set_out(of, wanted->wait_ms);
    return true;
}
