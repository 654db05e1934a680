#include "service/http_connection.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/clock.h>

#include "base/memory.h"
#include "service/framing.h"
#include "service/http_response.h"

enum {
    SWALLOWED_MAX =
        16 * 1024 * 1024, /* of a body that is too large, so that its sender reads why */
    CLIENT_GONE = 499,    /* the status of what was never answered */
};

typedef enum phase {
    IDLE,
    BEGUN,
    BODY,
    SUSPENDED,
    ANSWERED,
} phase;

typedef struct connection {
    sf_watched watched; /* first: the watchdog's handle */
    sf_http_shared *shared;
    struct MHD_Connection *mhd;
    sf_exchange *exchange; /* NULL: none yet */
    phase phase;
    bool is_too_large;
    size_t received_size; /* of the body, in bytes */
    int64_t began_us;     /* the request's first line */
} connection;

static int64_t now_us(void)
{
    return sf_clock_monotonic_us(sf_clock_system());
}

static void set_deadline(connection *of, int64_t in_ms)
{
    atomic_store(&of->watched.deadline_us, now_us() + in_ms * 1000);
}

/* Between two requests: the library counts the silence, we count the slow first line. */
static void set_idle_deadline(connection *of)
{
    const sf_http_options *options = &of->shared->options;

    set_deadline(of, options->idle_timeout_ms + options->request_timeout_ms);
}

/* Replies */

static enum MHD_Result queue(connection *to, sf_reply *reply, bool closes)
{
    sf_http_pace pace = {&to->watched.deadline_us, to->began_us,
                         to->shared->options.request_timeout_ms};
    struct MHD_Response *response = sf_http_response_new(reply, pace);
    enum MHD_Result result;

    if (!response)
        return MHD_NO;
    if (closes || atomic_load(&to->shared->is_stopping))
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    to->phase = ANSWERED;
    set_deadline(to, to->shared->options.request_timeout_ms);
    result = MHD_queue_response(to->mhd, (unsigned)reply->status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result queue_exchange(connection *to, bool closes)
{
    return queue(to, sf_exchange_reply(to->exchange), closes);
}

/* Refuses a request that cannot be trusted or taken; nothing more is read from its connection. */
static enum MHD_Result refuse(connection *of, int status, const char *slug, const char *detail)
{
    sf_reply_problem(sf_exchange_reply(of->exchange), status, slug, "%s", detail);
    sf_exchange_finish(of->exchange);
    return queue_exchange(of, true);
}

/* A deferred reply came too late, or the server stops. The exchange is still its holder's, so a fresh
 * one takes its place for the answer. */
static enum MHD_Result answer_late(connection *to)
{
    sf_exchange *late = to->exchange;
    sf_reply *reply;

    to->exchange = sf_exchange_new_for(&to->shared->host, to);
    sf_exchange_begin(to->exchange, late->request.target);
    to->exchange->request.method = sf_arena_text(to->exchange->request.arena, late->request.method);
    to->exchange->request.route = late->request.route; /* the router's */
    sf_exchange_release(late);
    reply = sf_exchange_reply(to->exchange);
    sf_reply_problem(reply, 503, "timed-out",
                     "there was no answer in time; whether it was done is not known");
    sf_reply_header(reply, "Retry-After", "1");
    sf_exchange_finish(to->exchange);
    return queue_exchange(to, false);
}

/* Deferral */

static void suspend(sf_exchange *exchange)
{
    connection *carrier = exchange->carrier;

    atomic_store(&carrier->watched.deadline_us, 0);
    carrier->phase = SUSPENDED;
    MHD_suspend_connection(carrier->mhd);
}

static void wake(sf_exchange *exchange)
{
    connection *carrier = exchange->carrier;

    MHD_resume_connection(carrier->mhd);
}

static void on_deferred(sf_exchange_host *host, sf_exchange *exchange)
{
    sf_deferral_add(&((sf_http_shared *)host)->deferral, exchange);
}

static void on_sent(sf_exchange_host *host, sf_exchange *exchange)
{
    sf_deferral_end(&((sf_http_shared *)host)->deferral, exchange);
}

void sf_http_shared_look(void *shared, int64_t now)
{
    sf_deferral_give_up(&((sf_http_shared *)shared)->deferral, now);
}

void sf_http_shared_init(sf_http_shared *shared, const sf_http_options *options,
                         const sf_router *router)
{
    *shared =
        (sf_http_shared){.host = {on_deferred, on_sent}, .options = *options, .router = router};
    sf_in_flight_init(&shared->in_flight);
    sf_deferral_init(&shared->deferral, options->reply_timeout_ms, suspend, wake);
}

void sf_http_shared_done(sf_http_shared *shared)
{
    sf_watchdog_free(shared->watchdog);
    sf_deferral_done(&shared->deferral);
    sf_in_flight_done(&shared->in_flight);
}

/* Requests */

/* Copies the headers into the request and takes note of what they say of the body. */
typedef struct header_reading {
    sf_exchange *exchange;
    sf_framing framing;
    size_t seen_size; /* of the head's bytes, those that were shown to us */
} header_reading;

/* Names and values are where they were received: what lies between the two belongs to the line. Of a
 * folded line the library makes a name elsewhere. */
static void count_line(header_reading *reading, const char *name, const char *value, size_t size)
{
    if (value < name)
        reading->framing.has_odd_header = true;
    else
        reading->seen_size += (size_t)(value - name) + size + strlen("\r\n");
}

static enum MHD_Result read_header(void *cls, enum MHD_ValueKind kind, const char *name,
                                   size_t name_size, const char *value, size_t value_size)
{
    header_reading *reading = cls;

    (void)kind;
    value = value ? value : name + name_size;
    sf_exchange_add_header(reading->exchange, name, value);
    sf_framing_add(&reading->framing, sf_bytes_of(name, name_size), sf_bytes_of(value, value_size));
    count_line(reading, name, value, value_size);
    return MHD_YES;
}

/* Whether the head is its first line and its headers, to the byte. The library reads lines that end
 * in a bare line feed, folds, NULs and a name of nothing in ways of its own, and shows less than it
 * received: so does any of them become visible. From 1.0 on it refuses them by itself. */
static bool is_all_seen(connection *of, const header_reading *reading, const char *version)
{
    const union MHD_ConnectionInfo *received =
        MHD_get_connection_info(of->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    const sf_request *request = &of->exchange->request;
    size_t first_line =
        strlen(request->method) + strlen(request->target) + strlen(version) + strlen("  \r\n");

    if (MHD_VERSION >= 0x01000000)
        return true;
    return first_line + reading->seen_size + strlen("\r\n") == received->header_size;
}

/* A body that is too large is swallowed before it is refused, so that a client which sends all before
 * it reads gets the answer; unless it waits for our word, or it is beyond all measure. */
static bool is_refused_at_once(const sf_framing *framing)
{
    return framing->expects_continue || framing->length > SWALLOWED_MAX;
}

static enum MHD_Result begin_body(connection *of, const char *version)
{
    header_reading reading = {.exchange = of->exchange};
    sf_framing *framing = &reading.framing;
    sf_framing_refusal refusal;

    MHD_get_connection_values_n(of->mhd, MHD_HEADER_KIND, read_header, &reading);
    framing->has_odd_header |= !is_all_seen(of, &reading, version);
    refusal = sf_framing_judge(framing);
    if (refusal.status)
        return refuse(of, refusal.status, refusal.slug, refusal.detail);
    of->is_too_large = framing->length > of->shared->options.body_size_max;
    if (of->is_too_large && is_refused_at_once(framing))
        return refuse(of, 413, "body-too-large", "the body is larger than allowed");
    of->phase = BODY;
    return MHD_YES;
}

static enum MHD_Result collect(connection *of, const char *data, size_t size)
{
    sf_buffer *body = &of->exchange->request.body;
    size_t most = of->shared->options.body_size_max;

    of->received_size += size;
    if (of->received_size > most)
        of->is_too_large = true;
    if (of->is_too_large) {
        sf_buffer_clear(body);
        return of->received_size > most + SWALLOWED_MAX ? MHD_NO : MHD_YES;
    }
    sf_buffer_add(body, data, size);
    return MHD_YES;
}

static enum MHD_Result answer(connection *of)
{
    return sf_exchange_get_state(of->exchange) == SF_EXCHANGE_LATE ? answer_late(of)
                                                                   : queue_exchange(of, false);
}

static enum MHD_Result handle(connection *of)
{
    if (of->is_too_large)
        return refuse(of, 413, "body-too-large", "the body is larger than allowed");
    sf_router_handle(of->shared->router, of->exchange);
    return of->phase == SUSPENDED ? MHD_YES : answer(of); /* called again after the resume */
}

static bool is_suspended(connection *of)
{
    return sf_deferral_has(&of->shared->deferral, of->exchange);
}

static enum MHD_Result answer_deferred(connection *of)
{
    return is_suspended(of) ? MHD_YES : answer(of);
}

enum MHD_Result sf_http_connection_call(void *cls, struct MHD_Connection *mhd, const char *url,
                                        const char *method, const char *version,
                                        const char *upload_data, size_t *upload_data_size,
                                        void **context)
{
    connection *of = *context;
    size_t size = *upload_data_size;

    (void)cls, (void)mhd, (void)url;
    switch (of->phase) {
    case BEGUN:
        of->exchange->request.method = sf_arena_text(of->exchange->request.arena, method);
        return begin_body(of, version);
    case BODY:
        *upload_data_size = 0;
        return size ? collect(of, upload_data, size) : handle(of);
    case SUSPENDED:
        return answer_deferred(of);
    default:
        return MHD_NO;
    }
}

void *sf_http_connection_target(void *cls, const char *target, struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    connection *of = info->socket_context;
    sf_http_shared *shared = cls;

    if (of->exchange && !sf_exchange_is_free(of->exchange)) {
        sf_exchange_release(of->exchange);
        of->exchange = NULL;
    }
    if (!of->exchange)
        of->exchange = sf_exchange_new_for(&shared->host, of);
    sf_exchange_begin(of->exchange, target);
    if (of->phase == IDLE)
        sf_in_flight_begin(&shared->in_flight);
    of->phase = BEGUN;
    of->began_us = now_us();
    of->is_too_large = false;
    of->received_size = 0;
    set_deadline(of, shared->options.request_timeout_ms);
    return of;
}

static void end_request(connection *of)
{
    if (of->phase == IDLE)
        return;
    of->phase = IDLE;
    sf_in_flight_end(&of->shared->in_flight);
}

static void observe(const connection *of)
{
    const sf_http_options *options = &of->shared->options;
    const sf_request *request = &of->exchange->request;
    sf_http_observation seen = {
        .method = request->method,
        .route = request->route,
        .trace_id = sf_request_trace_id(request),
        .status = of->phase == ANSWERED ? of->exchange->reply.status : CLIENT_GONE,
        .duration_us = now_us() - of->began_us,
    };

    if (options->observe)
        options->observe(options->observe_user, &seen);
}

void sf_http_connection_completed(void *cls, struct MHD_Connection *mhd, void **context,
                                  enum MHD_RequestTerminationCode code)
{
    connection *of = *context;

    (void)cls, (void)mhd, (void)code;
    if (!of)
        return;
    if (of->phase != IDLE)
        observe(of);
    set_idle_deadline(of);
    end_request(of);
}

void sf_http_connection_notified(void *cls, struct MHD_Connection *mhd, void **context,
                                 enum MHD_ConnectionNotificationCode code)
{
    connection *of = *context;

    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        of = sf_zalloc(sizeof(*of));
        of->shared = cls;
        of->mhd = mhd;
        of->watched.fd =
            MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
        set_idle_deadline(of);
        sf_watchdog_add(of->shared->watchdog, &of->watched);
        *context = of;
        return;
    }
    if (!of)
        return;
    assert(!is_suspended(of)); /* the library closes none that is */
    sf_watchdog_remove(of->shared->watchdog, &of->watched);
    end_request(of);
    sf_exchange_release(of->exchange);
    free(of);
    *context = NULL;
}
