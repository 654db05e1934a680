/* query_service.c - the order of things.
 *
 *   start  graph, state, views; HTTP, so that it is seen to be live; then, on a thread of its own since
 *          the broker may be away for long, the stream threads. Ready once all stores are restored;
 *          until then reads are answered 503
 *   stop   not ready any more; requests under way are answered; the last commit; stores closed. A start
 *          that still waits for the broker has nothing to commit: the process just ends
 */
#include "query_service.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <stateful/log.h>
#include <stateful/streams.h>

#include "base/memory.h"
#include "documents.h"
#include "engine_metrics.h"
#include "http/analytics_routes.h"
#include "http/customer_routes.h"
#include "http/order_routes.h"
#include "http/state_routes.h"
#include "query_metrics.h"
#include "query_problems.h"
#include "service/front.h"
#include "service/lifecycle.h"
#include "service/program.h"

enum {
    STARTER_GRACE_MS = 1000,
    ASK_AGAIN_MS = 20, /* for reads that wait, without a commit */
};

typedef struct query_service {
    const sf_settings *settings;
    atomic_bool was_ready;
    query_topology *topology;
    sf_streams *streams;
    fleet *fleet;
    analytics_views views;
    waiting_reads *waiting;
    entity_desk desk;
    query_metrics *metrics;
    engine_metrics *engine_metrics;
    sf_front *front;
    pthread_t starter;
    bool has_starter;
    sf_status start_status; /* the starter's, to be read once it is joined */
    sf_error start_error;
} query_service;

/* ---- the application ---- */

/* Called on the engine's threads. */
static void state_changed(void *user, sf_run_state now, sf_run_state before)
{
    query_service *service = user;
    int64_t us = sf_clock_monotonic_us(sf_clock_system()) - sf_program_began_us();

    (void)before;
    if (now == SF_STREAMS_RUNNING && !atomic_exchange(&service->was_ready, true))
        sf_log(SF_LOG_INFO, "ready ms=%" PRId64, us / 1000);
    if (now == SF_STREAMS_ERROR)
        sf_lifecycle_stop();
}

static void has_committed(void *user)
{
    const query_service *service = user;

    waiting_reads_ask(service->waiting);
}

static sf_status make_streams(query_service *service, sf_error *err)
{
    const char *address = sf_settings_text(service->settings, "KAFKA_BOOTSTRAP_SERVERS");
    sf_kafka_properties properties;
    sf_config config;
    sf_status status;

    sf_kafka_properties_init(&properties, service->settings, address);
    config = query_settings_engine(service->settings, &properties);
    status =
        sf_streams_new(query_topology_graph(service->topology), &config, &service->streams, err);
    sf_kafka_properties_done(&properties);
    if (status)
        return sf_error_prefix(err, status, "KAFKA_BOOTSTRAP_SERVERS=%s, STATE_DIR=%s", address,
                               config.state_dir);
    sf_streams_set_listener(service->streams, state_changed, service);
    sf_streams_set_commit_listener(service->streams, has_committed, service);
    return SF_OK;
}

static sf_status make_fleet(query_service *service, sf_error *err)
{
    fleet_options options = query_settings_fleet(service->settings, service->streams);

    return fleet_new(&options, &service->fleet, err);
}

static sf_status open_views(query_service *service, sf_error *err)
{
    analytics_options options = {
        .fleet = service->fleet,
        .topology = service->topology,
        .currency = sf_settings_text(service->settings, "CURRENCY"),
        .clock = sf_clock_system(),
    };

    return analytics_open(&service->views, &options, err);
}

static sf_status make_application(query_service *service, sf_error *err)
{
    query_topology_options options = query_settings_topology(service->settings);
    sf_status status = query_topology_new(&options, &service->topology, err);

    if (!status)
        status = make_streams(service, err);
    if (!status)
        status = make_fleet(service, err);
    if (!status)
        status = open_views(service, err);
    return status;
}

/* ---- the REST interface ---- */

static bool stores_are_there(void *user, sf_buffer *why)
{
    const query_service *service = user;
    sf_run_state state = sf_streams_state(service->streams);

    if (state != SF_STREAMS_RUNNING)
        sf_buffer_printf(why, "the application is %s", sf_run_state_name(state));
    return state == SF_STREAMS_RUNNING;
}

/* Without the broker the stores can still be read. */
static bool events_come(void *user, sf_buffer *why)
{
    const query_service *service = user;
    sf_run_state state = sf_streams_state(service->streams);
    bool is_connected = state == SF_STREAMS_RUNNING || state == SF_STREAMS_REBALANCING;

    if (!is_connected)
        sf_buffer_printf(why, "the application is %s", sf_run_state_name(state));
    return is_connected;
}

static void add_routes(query_service *service, sf_router *router)
{
    analytics_routes_add(router, &service->views);
    order_routes_add(router, &service->desk);
    customer_routes_add(router, &service->desk);
    state_routes_add(router, &service->views);
}

static sf_status start_http(query_service *service, sf_error *err)
{
    sf_front_options options = {
        .service = "query-service",
        .version = QUERY_SERVICE_VERSION,
        .settings = service->settings,
        .http = query_settings_http(service->settings),
        .openapi = query_openapi,
        .problems = query_problems,
        .problem_count = query_problem_count,
    };
    sf_status status = sf_front_new(&options, &service->front, err);

    if (status)
        return status;
    sf_health_add_check(sf_front_health(service->front), "db", stores_are_there, service);
    sf_health_add_watch(sf_front_health(service->front), "events", events_come, service);
    service->waiting = waiting_reads_new(ASK_AGAIN_MS);
    service->desk = (entity_desk){&service->views, service->waiting};
    service->metrics =
        query_metrics_new(sf_front_metrics(service->front), service->fleet, service->waiting);
    service->engine_metrics =
        engine_metrics_new(sf_front_metrics(service->front), service->streams);
    add_routes(service, sf_front_router(service->front));
    return sf_front_start(service->front, err);
}

/* ---- start and stop ---- */

static void *start_streams(void *argument)
{
    query_service *service = argument;

    service->start_status = sf_streams_start(service->streams, &service->start_error);
    if (service->start_status)
        sf_lifecycle_stop();
    return NULL;
}

static sf_status start_starter(query_service *service, sf_error *err)
{
    int code = pthread_create(&service->starter, NULL, start_streams, service);

    if (code)
        return sf_fail(err, SF_IO, "cannot start a thread: %s", strerror(code));
    service->has_starter = true;
    return SF_OK;
}

/* Ends the process if the starter is still waiting for the broker. */
static void join_starter(query_service *service)
{
    struct timespec end;

    if (!service->has_starter)
        return;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += STARTER_GRACE_MS / 1000;
    if (pthread_timedjoin_np(service->starter, NULL, &end) == ETIMEDOUT) {
        sf_log(SF_LOG_INFO, "query-service ends before the broker has answered");
        _exit(EXIT_SUCCESS);
    }
}

static sf_status start(query_service *service, sf_error *err)
{
    sf_status status = make_application(service, err);

    if (!status)
        status = start_http(service, err);
    if (!status)
        status = start_starter(service, err);
    return status;
}

/* Takes half-started services too. */
static sf_status stop(query_service *service, sf_error *err)
{
    int64_t grace_ms = sf_settings_integer(service->settings, "SHUTDOWN_GRACE_MS");
    sf_status status = SF_OK;

    if (service->waiting)
        waiting_reads_stop(service->waiting);
    sf_front_stop(service->front, grace_ms);
    join_starter(service);
    fleet_free(service->fleet);
    sf_front_free(service->front);
    engine_metrics_free(service->engine_metrics);
    query_metrics_free(service->metrics);
    analytics_close(&service->views);
    if (service->streams)
        status = sf_streams_close(service->streams, grace_ms, err);
    sf_streams_free(service->streams);
    waiting_reads_free(service->waiting); /* after the last commit */
    query_topology_free(service->topology);
    return status;
}

/* What ended the application by itself, if anything did. */
static sf_status failure_of(const query_service *service, sf_error *err)
{
    if (sf_streams_error(service->streams, err))
        return err->status;
    if (sf_streams_state(service->streams) != SF_STREAMS_CREATED || !service->start_status)
        return SF_OK;
    *err = service->start_error;
    return service->start_status;
}

sf_status query_service_run(const sf_settings *settings, char **words, sf_error *err)
{
    query_service service = {.settings = settings};
    sf_error ignored;
    sf_status status = start(&service, err);

    (void)words;
    if (!status) {
        int signal = sf_lifecycle_wait();

        sf_log(SF_LOG_INFO, "query-service stops signal=%d", signal);
        if (!signal)
            status = failure_of(&service, err);
    }
    if (status)
        (void)stop(&service, &ignored); /* the first failure is the one to tell */
    else
        status = stop(&service, err);
    return status;
}
