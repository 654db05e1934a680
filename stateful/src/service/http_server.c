/* http_server.c - the library's daemon: options, start and stop. What comes over its connections is
 * http_connection.c's; only these two know libmicrohttpd. */
#include "service/http_server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <stateful/clock.h>

#include "base/memory.h"
#include "service/http_connection.h"
#include "service/listener.h"

enum {
    LINGER_MS = 250,  /* at the stop, for clients between two requests */
    ANSWER_MS = 2000, /* at the stop, for the last answers to go out */
};

struct sf_http_server {
    sf_http_shared shared;
    struct MHD_Daemon *daemon;
    uint16_t port;
};

/* The library decodes nothing: the router does, part by part. */
static size_t leave_as_it_is(void *cls, struct MHD_Connection *mhd, char *text)
{
    (void)cls, (void)mhd;
    return strlen(text);
}

static int64_t now_us(void)
{
    return sf_clock_monotonic_us(sf_clock_system());
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
    const sf_http_options *options = &server->shared.options;
    sf_http_shared *shared = &server->shared;
    struct MHD_OptionItem limits[] = {
        {MHD_OPTION_LISTEN_SOCKET, fd, NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL}, /* from 1.0 on: and refuses odd lines */
        {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)options->connections_max, NULL},
        {MHD_OPTION_PER_IP_CONNECTION_LIMIT, (intptr_t)options->per_address_max, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, (intptr_t)((options->idle_timeout_ms + 999) / 1000), NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)options->connection_memory, NULL},
        {MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)leave_as_it_is, NULL},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)sf_http_connection_target, shared},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)sf_http_connection_completed, shared},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)sf_http_connection_notified, shared},
        {options->threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END,
         (intptr_t)options->threads, NULL},
        {MHD_OPTION_END, 0, NULL},
    };

    return MHD_start_daemon(MHD_USE_POLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC,
                            server->port, NULL, NULL, sf_http_connection_call, shared,
                            MHD_OPTION_ARRAY, limits, MHD_OPTION_END);
}

static void free_server(sf_http_server *server)
{
    sf_http_shared_done(&server->shared);
    free(server);
}

sf_status sf_http_server_start(const sf_http_options *options, const sf_router *router,
                               sf_http_server **server, sf_error *err)
{
    sf_http_server *made = sf_zalloc(sizeof(*made));
    sf_http_options whole = sf_http_options_whole(options);
    sf_listener_address address = {
        .host = whole.address, .port = whole.port, .port_setting = whole.port_setting};
    sf_status status;
    int fd;

    sf_http_shared_init(&made->shared, &whole, router);
    status = sf_listener_open(&address, &fd, &made->port, err);
    if (status)
        goto failed;
    made->shared.watchdog = sf_watchdog_new(tick_ms(&whole), sf_http_shared_look, &made->shared);
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
    return sf_in_flight_count(&server->shared.in_flight);
}

/* Clients that are connected already may still send a request; it is answered as any other. */
static void wait_for_clients(sf_http_shared *shared, int64_t until_us)
{
    int64_t linger_us = now_us() + LINGER_MS * 1000;

    sf_in_flight_wait_for_none(&shared->in_flight, until_us);
    (void)sf_watchdog_wait_for_none(shared->watchdog, linger_us < until_us ? linger_us : until_us);
    sf_in_flight_wait_for_none(&shared->in_flight, until_us);
}

static int listening_fd(const sf_http_server *server)
{
    return MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_LISTEN_FD)->listen_fd;
}

void sf_http_server_stop(sf_http_server *server, int64_t grace_ms)
{
    sf_http_shared *shared;
    int fd;

    if (!server)
        return;
    shared = &server->shared;
    atomic_store(&shared->is_stopping, true);
    sf_listener_turn_away(listening_fd(server), grace_ms);
    fd = MHD_quiesce_daemon(server->daemon);
    if (fd >= 0)
        close(fd);
    wait_for_clients(shared, now_us() + grace_ms * 1000);
    sf_deferral_close(&shared->deferral);
    sf_in_flight_wait_for_none(&shared->in_flight, now_us() + ANSWER_MS * 1000);
    MHD_stop_daemon(server->daemon);
    free_server(server);
}
