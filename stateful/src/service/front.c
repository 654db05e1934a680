#include "service/front.h"

#include <stdlib.h>

#include <stateful/log.h>

#include "base/memory.h"
#include "service/documents.h"
#include "service/http_metrics.h"
#include "service/process_metrics.h"

struct sf_front {
    sf_front_options options;
    sf_guard *guard;
    sf_router *router;
    sf_health *health;
    sf_metrics *metrics;
    sf_http_metrics *http;
    sf_process_metrics *process;
    sf_documents *documents;
    sf_problem_catalogue *problems;
    sf_http_server *server;
};

static void add_routes(sf_front *front)
{
    sf_health_add_routes(front->health, front->router);
    sf_metrics_add_routes(front->metrics, front->router);
    sf_documents_add_routes(front->documents, front->router);
    sf_problem_catalogue_add_routes(front->problems, front->router);
}

sf_status sf_front_new(const sf_front_options *options, sf_front **front, sf_error *err)
{
    sf_guard *guard;
    sf_front *made;
    sf_status status = sf_guard_new(options->settings, &guard, err);

    if (status)
        return status;
    made = sf_zalloc(sizeof(*made));
    made->options = *options;
    made->guard = guard;
    made->router = sf_router_new();
    made->health = sf_health_new();
    made->metrics = sf_metrics_new();
    made->http = sf_http_metrics_new(made->metrics, options->service);
    made->process = sf_process_metrics_new(made->metrics, options->service, options->version);
    made->documents = sf_documents_new(options->openapi);
    made->problems = sf_problem_catalogue_new(options->problems, options->problem_count);
    sf_guard_watch(guard, made->router);
    add_routes(made);
    *front = made;
    return SF_OK;
}

void sf_front_free(sf_front *front)
{
    if (!front)
        return;
    sf_router_free(front->router);
    sf_problem_catalogue_free(front->problems);
    sf_documents_free(front->documents);
    sf_metrics_free(front->metrics);
    sf_process_metrics_free(front->process);
    sf_http_metrics_free(front->http);
    sf_health_free(front->health);
    sf_guard_free(front->guard);
    free(front);
}

sf_router *sf_front_router(sf_front *front)
{
    return front->router;
}

sf_health *sf_front_health(sf_front *front)
{
    return front->health;
}

sf_metrics *sf_front_metrics(sf_front *front)
{
    return front->metrics;
}

sf_status sf_front_start(sf_front *front, sf_error *err)
{
    sf_http_options *http = &front->options.http;
    sf_status status;

    http->observe = sf_http_metrics_observe;
    http->observe_user = front->http;
    status = sf_http_server_start(http, front->router, &front->server, err);
    if (status)
        return status;
    sf_http_metrics_follow(front->http, front->server);
    sf_log(SF_LOG_INFO, "%s listens address=%s port=%d", front->options.service,
           http->address ? http->address : "127.0.0.1", sf_http_server_port(front->server));
    return SF_OK;
}

void sf_front_stop(sf_front *front, int64_t grace_ms)
{
    sf_http_server *server = front ? front->server : NULL;

    if (!front)
        return;
    sf_health_begin_stop(front->health);
    /* From the first step of its stop the server may be gone at any time; it counts no further. */
    front->server = NULL;
    sf_http_metrics_follow(front->http, NULL);
    sf_http_server_stop(server, grace_ms);
}

sf_status sf_front_check(const sf_settings *settings, sf_error *err)
{
    sf_guard *guard = NULL;
    sf_status status = sf_guard_new(settings, &guard, err);

    sf_guard_free(guard);
    return status;
}
