#include "service/http_metrics.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/log.h>

#include "base/memory.h"

struct sf_http_metrics {
    const char *service;
    sf_metric *requests;
    sf_metric *durations;
    sf_metric_series *in_flight;
    pthread_mutex_t lock; /* for the next */
    const sf_http_server *server;
};

static void collect(void *user)
{
    sf_http_metrics *http = user;

    pthread_mutex_lock(&http->lock);
    sf_metric_set(http->in_flight,
                  http->server ? (double)sf_http_server_in_flight(http->server) : 0);
    pthread_mutex_unlock(&http->lock);
}

sf_http_metrics *sf_http_metrics_new(sf_metrics *metrics, const char *service)
{
    sf_http_metrics *http = sf_zalloc(sizeof(*http));

    http->service = service;
    pthread_mutex_init(&http->lock, NULL);
    http->requests =
        sf_metrics_add(metrics, &(sf_metric_options){.kind = SF_METRIC_COUNTER,
                                                     .name = "http_requests_total",
                                                     .help = "Requests answered.",
                                                     .labels = "service method route code"});
    http->durations =
        sf_metrics_add(metrics, &(sf_metric_options){.kind = SF_METRIC_HISTOGRAM,
                                                     .name = "http_request_duration_seconds",
                                                     .help = "From a request's first line to the "
                                                             "end of its answer.",
                                                     .labels = "service method route"});
    http->in_flight =
        sf_metric_at(sf_metrics_add(metrics, &(sf_metric_options){.kind = SF_METRIC_GAUGE,
                                                                  .name = "http_in_flight_requests",
                                                                  .help = "Requests under way."}),
                     NULL);
    sf_metrics_add_collector(metrics, collect, http);
    return http;
}

void sf_http_metrics_free(sf_http_metrics *http)
{
    if (!http)
        return;
    pthread_mutex_destroy(&http->lock);
    free(http);
}

void sf_http_metrics_follow(sf_http_metrics *http, const sf_http_server *server)
{
    pthread_mutex_lock(&http->lock);
    http->server = server;
    pthread_mutex_unlock(&http->lock);
}

/* Clients may send any word as a method; labels are few. */
static const char *known_method(const char *method)
{
    static const char *const known[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

    for (size_t i = 0; i < SF_ARRAY_LENGTH(known); i++)
        if (!strcmp(known[i], method))
            return known[i];
    return "other";
}

static void log_request(const sf_http_observation *seen, const char *route)
{
    sf_log_level level = seen->status >= 500 ? SF_LOG_WARN : SF_LOG_DEBUG;
    const char *trace_id = seen->trace_id;

    sf_log(level,
           "request http.request.method=%s http.route=%s http.response.status_code=%d "
           "dur_ms=%.3f%s%s",
           known_method(seen->method), route, seen->status, (double)seen->duration_us / 1000,
           trace_id ? " trace_id=" : "", trace_id ? trace_id : "");
}

void sf_http_metrics_observe(void *user, const sf_http_observation *seen)
{
    sf_http_metrics *http = user;
    const char *route = seen->route ? seen->route : "none";
    char code[16];
    const char *values[] = {http->service, known_method(seen->method), route, code};

    (void)snprintf(code, sizeof(code), "%d", seen->status); /* always fits */
    sf_metric_add(sf_metric_at(http->requests, values), 1);
    sf_metric_observe(sf_metric_at(http->durations, values), (double)seen->duration_us / 1e6);
    log_request(seen, route);
}
