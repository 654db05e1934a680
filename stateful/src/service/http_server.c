/* http_server.c - the one door to libmicrohttpd.
 *
 * The way of a request, on a thread of the library's pool:
 *   on_target     its first line is read       BEGUN: the exchange begins, the clock runs
 *   on_call       its headers are read         BODY, or refused and closed
 *   on_call …     pieces of its body           collected, or swallowed when it is too large
 *   on_call       all is there                 handled: ANSWERED, or SUSPENDED (deferred)
 *   on_call       after the resume             the deferred reply, or the 503 for a late one
 *   on_completed  the answer is out            IDLE
 *
 *   1 The library closes a connection whose answer is queued in the first call; so that is done
 *     only where closing is wanted.
 *   2 A connection's exchange is begun anew for each request when nobody else holds it; one that a
 *     late holder still has is left to him.
 *   3 Suspended connections are the deferral's business (deferral.h); it is closed before the library
 *     is stopped, which must not find any.
 */
#include "service/http_server.h"

#include <assert.h>
#include <errno.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <stateful/clock.h>

#include "base/memory.h"
#include "service/deferral.h"
#include "service/framing.h"
#include "service/listener.h"
#include "service/piece_reader.h"
#include "service/watchdog.h"

enum {
    SWALLOWED_MAX =
        16 * 1024 * 1024, /* of a body that is too large, so that its sender reads why */
    LINGER_MS = 250,      /* at the stop, for clients between two requests */
    ANSWER_MS = 2000,     /* at the stop, for the last answers to go out */
    STREAM_BLOCK = 16 * 1024,
    STREAM_MAX_MS = 600 * 1000, /* that a streamed answer may take */
    CLIENT_GONE = 499,          /* the status of what was never answered */
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
    sf_http_server *server;
    struct MHD_Connection *mhd;
    sf_exchange *exchange; /* NULL: none yet */
    phase phase;
    bool is_too_large;
    bool is_suspended;    /* the server's lock guards it */
    size_t received_size; /* of the body, in bytes */
    int64_t began_us;     /* the request's first line */
} connection;

struct sf_http_server {
    sf_exchange_host host; /* first: a server is a host */
    sf_http_options options;
    const sf_router *router;
    struct MHD_Daemon *daemon;
    sf_watchdog *watchdog;
    uint16_t port;
    _Atomic bool is_stopping;
    _Atomic int64_t busy_count; /* connections with a request under way */
    sf_deferral deferral;
    pthread_mutex_t lock; /* for the next */
    pthread_cond_t is_quiet;
};

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
    const sf_http_options *options = &of->server->options;

    set_deadline(of, options->idle_timeout_ms + options->request_timeout_ms);
}

/* Replies */

static void add_headers(struct MHD_Response *response, const sf_reply *reply)
{
    if (reply->content_type)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->content_type);
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    for (const sf_header *at = reply->headers.first; at; at = at->next)
        MHD_add_response_header(response, at->name, at->value);
}

/* A streamed body on its way: it belongs to the library's response. */
typedef struct stream {
    connection *to;
    sf_piece_reader reader;
} stream;

/* Who takes block after block gets more time, up to a bound. */
static void prolong(connection *to)
{
    if (now_us() - to->began_us < STREAM_MAX_MS * INT64_C(1000))
        set_deadline(to, to->server->options.request_timeout_ms);
}

static ssize_t read_stream(void *cls, uint64_t position, char *out, size_t most)
{
    stream *from = cls;
    size_t size = sf_piece_reader_read(&from->reader, out, most);

    (void)position;
    prolong(from->to);
    if (size)
        return (ssize_t)size;
    return sf_piece_reader_is_broken(&from->reader) ? MHD_CONTENT_READER_END_WITH_ERROR
                                                    : MHD_CONTENT_READER_END_OF_STREAM;
}

static void free_stream(void *cls)
{
    stream *from = cls;

    sf_piece_reader_done(&from->reader);
    free(from);
}

/* The source belongs to the response from now on. */
static struct MHD_Response *stream_response(connection *to, sf_reply *reply)
{
    stream *from = sf_zalloc(sizeof(*from));
    struct MHD_Response *response;

    from->to = to;
    sf_piece_reader_init(&from->reader, &reply->source, reply->source_user);
    reply->source = (sf_reply_source){0};
    response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, read_stream, from,
                                                 free_stream);
    if (!response)
        free_stream(from);
    return response;
}

/* The body stays where it is until on_completed. */
static struct MHD_Response *make_response(connection *to, sf_reply *reply)
{
    sf_bytes body = sf_buffer_bytes(&reply->body);

    if (reply->source.next)
        return stream_response(to, reply);
    return MHD_create_response_from_buffer(body.size, (void *)(uintptr_t)body.data,
                                           MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result queue(connection *to, sf_reply *reply, bool closes)
{
    struct MHD_Response *response = make_response(to, reply);
    enum MHD_Result result;

    if (!response)
        return MHD_NO;
    add_headers(response, reply);
    if (closes || atomic_load(&to->server->is_stopping))
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    to->phase = ANSWERED;
    set_deadline(to, to->server->options.request_timeout_ms);
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

    to->exchange = sf_exchange_new_for(&to->server->host, to);
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
    sf_deferral_add(&((sf_http_server *)host)->deferral, exchange);
}

static void on_sent(sf_exchange_host *host, sf_exchange *exchange)
{
    sf_deferral_end(&((sf_http_server *)host)->deferral, exchange);
}

static void on_look(void *server, int64_t now)
{
    sf_deferral_give_up(&((sf_http_server *)server)->deferral, now);
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
    of->is_too_large = framing->length > of->server->options.body_size_max;
    if (of->is_too_large && is_refused_at_once(framing))
        return refuse(of, 413, "body-too-large", "the body is larger than allowed");
    of->phase = BODY;
    return MHD_YES;
}

static enum MHD_Result collect(connection *of, const char *data, size_t size)
{
    sf_buffer *body = &of->exchange->request.body;
    size_t most = of->server->options.body_size_max;

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
    sf_router_handle(of->server->router, of->exchange);
    return of->phase == SUSPENDED ? MHD_YES : answer(of); /* called again after the resume */
}

static bool is_suspended(connection *of)
{
    return sf_deferral_has(&of->server->deferral, of->exchange);
}

static enum MHD_Result answer_deferred(connection *of)
{
    return is_suspended(of) ? MHD_YES : answer(of);
}

static enum MHD_Result on_call(void *cls, struct MHD_Connection *mhd, const char *url,
                               const char *method, const char *version, const char *upload_data,
                               size_t *upload_data_size, void **context)
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

static void *on_target(void *cls, const char *target, struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    connection *of = info->socket_context;
    sf_http_server *server = cls;

    if (of->exchange && !sf_exchange_is_free(of->exchange)) {
        sf_exchange_release(of->exchange);
        of->exchange = NULL;
    }
    if (!of->exchange)
        of->exchange = sf_exchange_new_for(&server->host, of);
    sf_exchange_begin(of->exchange, target);
    if (of->phase == IDLE)
        atomic_fetch_add(&server->busy_count, 1);
    of->phase = BEGUN;
    of->began_us = now_us();
    of->is_too_large = false;
    of->received_size = 0;
    set_deadline(of, server->options.request_timeout_ms);
    return of;
}

static void end_request(connection *of)
{
    sf_http_server *server = of->server;

    if (of->phase == IDLE)
        return;
    of->phase = IDLE;
    if (atomic_fetch_sub(&server->busy_count, 1) > 1 || !atomic_load(&server->is_stopping))
        return;
    pthread_mutex_lock(&server->lock);
    pthread_cond_broadcast(&server->is_quiet);
    pthread_mutex_unlock(&server->lock);
}

static void observe(const connection *of)
{
    const sf_http_options *options = &of->server->options;
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

static void on_completed(void *cls, struct MHD_Connection *mhd, void **context,
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

static void on_connection(void *cls, struct MHD_Connection *mhd, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    connection *of = *context;

    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        of = sf_zalloc(sizeof(*of));
        of->server = cls;
        of->mhd = mhd;
        of->watched.fd =
            MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
        set_idle_deadline(of);
        sf_watchdog_add(of->server->watchdog, &of->watched);
        *context = of;
        return;
    }
    if (!of)
        return;
    assert(!is_suspended(of)); /* the library closes none that is */
    sf_watchdog_remove(of->server->watchdog, &of->watched);
    end_request(of);
    sf_exchange_release(of->exchange);
    free(of);
    *context = NULL;
}

/* The library decodes nothing: the router does, part by part. */
static size_t leave_as_it_is(void *cls, struct MHD_Connection *mhd, char *text)
{
    (void)cls, (void)mhd;
    return strlen(text);
}

/* Start and stop */

static unsigned usual_threads(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    return cores < 2 ? 2 : cores > 8 ? 8 : (unsigned)cores;
}

static sf_http_options with_defaults(const sf_http_options *given)
{
    sf_http_options options = *given;

    options.address = options.address ? options.address : "127.0.0.1";
    options.threads = options.threads ? options.threads : usual_threads();
    options.connections_max = options.connections_max ? options.connections_max : 1000;
    options.idle_timeout_ms = options.idle_timeout_ms ? options.idle_timeout_ms : 60 * 1000;
    options.request_timeout_ms =
        options.request_timeout_ms ? options.request_timeout_ms : 15 * 1000;
    options.reply_timeout_ms = options.reply_timeout_ms ? options.reply_timeout_ms : 10 * 1000;
    options.body_size_max = options.body_size_max ? options.body_size_max : 1024 * 1024;
    options.connection_memory = options.connection_memory ? options.connection_memory : 32 * 1024;
    if (options.connections_max < options.threads)
        options.connections_max = options.threads;
    return options;
}

/* How often the watchdog looks: fine enough for the shortest time that it guards. */
static int64_t tick_ms(const sf_http_options *options)
{
    int64_t shortest = options->request_timeout_ms < options->reply_timeout_ms
                           ? options->request_timeout_ms
                           : options->reply_timeout_ms;
    int64_t tick = shortest / 8;

    return tick < 5 ? 5 : tick > 250 ? 250 : tick;
}

static struct MHD_Daemon *start_daemon(sf_http_server *server, int fd)
{
    const sf_http_options *options = &server->options;
    struct MHD_OptionItem limits[] = {
        {MHD_OPTION_LISTEN_SOCKET, fd, NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL}, /* from 1.0 on: and refuses odd lines */
        {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)options->connections_max, NULL},
        {MHD_OPTION_PER_IP_CONNECTION_LIMIT, (intptr_t)options->per_address_max, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, (intptr_t)((options->idle_timeout_ms + 999) / 1000), NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)options->connection_memory, NULL},
        {MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)leave_as_it_is, NULL},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)on_target, server},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)on_completed, server},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)on_connection, server},
        {options->threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END,
         (intptr_t)options->threads, NULL},
        {MHD_OPTION_END, 0, NULL},
    };

    return MHD_start_daemon(MHD_USE_POLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC,
                            server->port, NULL, NULL, on_call, server, MHD_OPTION_ARRAY, limits,
                            MHD_OPTION_END);
}

static void init_lock(sf_http_server *server)
{
    pthread_condattr_t monotonic;

    pthread_mutex_init(&server->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&server->is_quiet, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

static void free_server(sf_http_server *server)
{
    sf_watchdog_free(server->watchdog);
    sf_deferral_done(&server->deferral);
    pthread_cond_destroy(&server->is_quiet);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

sf_status sf_http_server_start(const sf_http_options *options, const sf_router *router,
                               sf_http_server **server, sf_error *err)
{
    sf_http_server *made = sf_zalloc(sizeof(*made));
    sf_listener_address address;
    sf_status status;
    int fd;

    made->host = (sf_exchange_host){on_deferred, on_sent};
    made->options = with_defaults(options);
    made->router = router;
    init_lock(made);
    sf_deferral_init(&made->deferral, made->options.reply_timeout_ms, suspend, wake);
    address = (sf_listener_address){
        .host = made->options.address,
        .port = made->options.port,
        .port_setting = made->options.port_setting,
    };
    status = sf_listener_open(&address, &fd, &made->port, err);
    if (status)
        goto failed;
    made->watchdog = sf_watchdog_new(tick_ms(&made->options), on_look, made);
    made->daemon = start_daemon(made, fd);
    if (made->daemon) {
        *server = made;
        return SF_OK;
    }
    close(fd);
    status = sf_fail(err, SF_IO, "cannot start the HTTP server: %s", strerror(errno));
failed:
    free_server(made);
    return status;
}

uint16_t sf_http_server_port(const sf_http_server *server)
{
    return server->port;
}

int64_t sf_http_server_in_flight(const sf_http_server *server)
{
    return atomic_load(&server->busy_count);
}

/* Waits until nothing is under way, at most until then. */
static void wait_for_quiet(sf_http_server *server, int64_t until_us)
{
    struct timespec until = {
        .tv_sec = (time_t)(until_us / 1000000),
        .tv_nsec = (long)(until_us % 1000000) * 1000,
    };

    pthread_mutex_lock(&server->lock);
    while (atomic_load(&server->busy_count) && now_us() < until_us)
        (void)pthread_cond_timedwait(&server->is_quiet, &server->lock, &until);
    pthread_mutex_unlock(&server->lock);
}

/* Clients that are connected already may still send a request; it is answered as any other. */
static void wait_for_clients(sf_http_server *server, int64_t until_us)
{
    int64_t linger_us = now_us() + LINGER_MS * 1000;

    wait_for_quiet(server, until_us);
    (void)sf_watchdog_wait_for_none(server->watchdog, linger_us < until_us ? linger_us : until_us);
    wait_for_quiet(server, until_us);
}

static int listening_fd(const sf_http_server *server)
{
    return MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_LISTEN_FD)->listen_fd;
}

void sf_http_server_stop(sf_http_server *server, int64_t grace_ms)
{
    int fd;

    if (!server)
        return;
    atomic_store(&server->is_stopping, true);
    sf_listener_turn_away(listening_fd(server), grace_ms);
    fd = MHD_quiesce_daemon(server->daemon);
    if (fd >= 0)
        close(fd);
    wait_for_clients(server, now_us() + grace_ms * 1000);
    sf_deferral_close(&server->deferral);
    wait_for_quiet(server, now_us() + ANSWER_MS * 1000);
    MHD_stop_daemon(server->daemon);
    free_server(server);
}
