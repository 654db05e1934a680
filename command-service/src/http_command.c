#include "http_command.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <stateful/clock.h>

#include "domain/event.h"

enum { REQUEST_ID_SIZE_MAX = 128, TRACESTATE_SIZE_MAX = 512, KEY_SIZE_MAX = 255 };
enum { WAIT_MAX_S = 5 }; /* less than a reply may take */
enum { MAY_AGREE_PRICES = SF_ROLE_ADMIN | SF_ROLE_SALES };

/* If-Match: "3", or * for whatever is there. */
static bool read_if_match(const sf_request *request, sf_reply *reply, int64_t *version)
{
    const char *text = sf_request_header(request, "If-Match");
    char *end;

    *version = 0;
    if (!text || !strcmp(text, "*"))
        return true;
    if (text[0] == '"' && text[1] >= '1' && text[1] <= '9') {
        *version = strtoll(text + 1, &end, 10);
        if (!strcmp(end, "\"") && *version <= SF_JSON_ID_MAX)
            return true;
    }
    sf_reply_problem(
        reply, 400, "invalid-header",
        "If-Match must be an ETag that this service gave, as in If-Match: \"3\", or *");
    return false;
}

/* Idempotency-Key: a text of visible characters, in quotes or without. */
static bool read_key(const sf_request *request, sf_reply *reply, const char **key)
{
    const char *text = sf_request_header(request, "Idempotency-Key");
    size_t size = text ? strlen(text) : 0;

    *key = NULL;
    if (!text)
        return true;
    if (size >= 2 && text[0] == '"' && text[size - 1] == '"') {
        text++;
        size -= 2;
    }
    for (size_t i = 0; i < size; i++)
        if (text[i] <= ' ' || text[i] > '~')
            size = 0;
    if (size >= 1 && size <= KEY_SIZE_MAX) {
        *key = sf_arena_printf(sf_request_arena(request), "%.*s", (int)size, text);
        return true;
    }
    sf_reply_problem(
        reply, 400, "invalid-header",
        "Idempotency-Key must have from 1 to %d visible ASCII characters, as in a UUID",
        KEY_SIZE_MAX);
    return false;
}

/* The wait of "Prefer: respond-async, wait=5" (RFC 7240); what is not understood is ignored, as it says. */
static int64_t read_wait(const sf_request *request)
{
    const char *text = sf_request_header(request, "Prefer");

    while (text && *text) {
        text += strspn(text, " \t,");
        if (!strncasecmp(text, "wait=", 5)) {
            char *end;
            long seconds = strtol(text + 5, &end, 10);

            end += strspn(end, " \t");
            if (end > text + 5 && strchr(",;", *end)) /* or the end of all */
                return seconds < 0 ? 0 : seconds < WAIT_MAX_S ? seconds : WAIT_MAX_S;
        }
        text += strcspn(text, ",");
    }
    return 0;
}

/* A header that is only passed on: one line of a bearable length, or nothing. */
static const char *short_header(const sf_request *request, const char *name, size_t size_max)
{
    const char *text = sf_request_header(request, name);

    return text && *text && strlen(text) <= size_max ? text : NULL;
}

static const char *origin_of(const sf_request *request, const char *key)
{
    bool is_traced = sf_request_trace_id(request) != NULL;
    event_origin origin = {
        .traceparent = is_traced ? sf_request_header(request, "traceparent") : NULL,
        .tracestate = is_traced ? short_header(request, "tracestate", TRACESTATE_SIZE_MAX) : NULL,
        .correlation_id = short_header(request, "X-Request-Id", REQUEST_ID_SIZE_MAX),
        .causation_id = key,
    };

    return event_headers_json(&origin, sf_request_arena(request));
}

static void send_with_publication(awaited_publication *awaited, bool is_published)
{
    struct http_command *http =
        (struct http_command *)(void *)((char *)awaited -
                                        offsetof(struct http_command, publication));

    sf_reply_headerf(http->reply, "Preference-Applied", "wait=%" PRId64, http->wait_s);
    sf_reply_header(http->reply, "Event-Published", is_published ? "true" : "false");
    sf_reply_send(http->reply);
}

static void send_answer(struct write_command *command)
{
    struct http_command *http = (struct http_command *)(void *)command;
    awaited_publication *publication = &http->publication;

    http->answer(http);
    if (!http->wait_s || !publication->version) {
        sf_reply_send(http->reply);
        return;
    }
    publication->until_us =
        sf_clock_monotonic_us(sf_clock_system()) + http->wait_s * INT64_C(1000000);
    publication->done = send_with_publication;
    publication_watch_add(command->model->publications, publication);
}

struct http_command *http_command_new(const sf_request *request, sf_reply *reply,
                                      void (*answer)(struct http_command *))
{
    sf_arena *arena = sf_request_arena(request);
    struct http_command *http = sf_arena_zalloc(arena, sizeof(*http));

    if (!read_if_match(request, reply, &http->command.expected_version) ||
        !read_key(request, reply, &http->command.idempotency_key))
        return NULL;
    http->command.arena = arena;
    http->command.subject = sf_request_caller(request)->subject;
    http->command.must_pay_list_price = !(sf_request_caller(request)->roles & MAY_AGREE_PRICES);
    http->command.done = send_answer;
    http->command.event_headers = origin_of(request, http->command.idempotency_key);
    http->reply = reply;
    http->lacks_if_match =
        !strcmp(sf_request_method(request), "PUT") && !sf_request_header(request, "If-Match");
    http->wait_s = read_wait(request);
    http->answer = answer;
    return http;
}

void http_command_submit(struct http_command *http, const struct write_model *model, write_fn write)
{
    if (model->must_match && http->lacks_if_match) {
        sf_reply_problem(http->reply, 428, "precondition-required",
                         "say in If-Match which version is meant, as in If-Match: \"3\", or *");
        return;
    }
    sf_reply_defer(http->reply);
    write(model, &http->command);
}

static void reply_unavailable(struct http_command *http)
{
    bool is_away = http->command.verdict == WRITE_AWAY;

    if (http->command.is_uncertain)
        sf_reply_problem(http->reply, 503, "outcome-unknown",
                         "the database was lost while this was being written: it may have taken "
                         "effect; %s",
                         http->command.idempotency_key ? "repeat it with the same Idempotency-Key"
                                                       : "look before you repeat it");
    else if (is_away)
        sf_reply_problem(http->reply, 503, "database-away",
                         "the database cannot be reached now; nothing was stored");
    else
        sf_reply_problem(http->reply, 503, "overloaded",
                         "there is too much to do now; nothing was stored");
    sf_reply_header(http->reply, "Retry-After", "1");
}

void http_command_reply_failure(struct http_command *http, const char *what, int64_t id)
{
    switch (http->command.verdict) {
    case WRITE_NOT_FOUND:
        sf_reply_problem(http->reply, 404, "not-found", "there is no %s %" PRId64, what, id);
        return;
    case WRITE_OTHER_VERSION:
        sf_reply_problem(http->reply, 412, "version-differs",
                         "If-Match names version %" PRId64 ", but it has changed since",
                         http->command.expected_version);
        return;
    case WRITE_KEY_REUSED:
        sf_reply_problem(http->reply, 422, "idempotency-key-reused",
                         "this Idempotency-Key was used with another command before; a new command "
                         "needs a new key");
        return;
    case WRITE_BUSY:
    case WRITE_AWAY:
        reply_unavailable(http);
        return;
    default:
        sf_reply_problem(http->reply, 500, "internal-error",
                         "something is wrong on our side; nothing was stored");
    }
}

void http_command_reply_version(struct http_command *http, struct http_version version)
{
    http->publication.aggregate_type = version.aggregate_type;
    http->publication.aggregate_id = version.aggregate_id;
    http->publication.version = version.version;
    sf_reply_headerf(http->reply, "ETag", "\"%" PRId64 "\"", version.version);
    if (http->command.is_replayed)
        sf_reply_header(http->reply, "Idempotent-Replayed", "true");
}
