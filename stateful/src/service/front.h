/* front.h - the HTTP side of a service as a whole: server, router and what every service answers
 * besides its own calls: /health…, /metrics, /openapi.json, /docs, /problems; and who may call.
 *
 *     sf_front_new(&options, &front, err);
 *     sf_router_add(sf_front_router(front), routes, count, user);   and checks, and metrics
 *     sf_front_start(front, err);
 *     …
 *     sf_front_stop(front, grace_ms);
 *     sf_front_free(front);
 *
 * One thread, but for what its parts allow.
 */
#ifndef SF_SERVICE_FRONT_H
#define SF_SERVICE_FRONT_H

#include "service/guard.h"
#include "service/health.h"
#include "service/http_server.h"
#include "service/metrics.h"
#include "service/problem_catalogue.h"

/* All is borrowed for the front's life. */
typedef struct sf_front_options {
    const char *service; /* "query-service" */
    const char *version;
    const sf_settings *settings; /* with SF_GUARD_SETTINGS */
    sf_http_options http;        /* but observe */
    sf_bytes openapi;
    const sf_problem *problems; /* the service's own */
    size_t problem_count;
} sf_front_options;

typedef struct sf_front sf_front;

sf_status sf_front_new(const sf_front_options *options, sf_front **front, sf_error *err);

/* Before the front is freed its server must be stopped; NULL is fine. */
void sf_front_free(sf_front *front);

/* For the service's own routes, checks and metrics; before the start. */
sf_router *sf_front_router(sf_front *front);
sf_health *sf_front_health(sf_front *front);
sf_metrics *sf_front_metrics(sf_front *front);

/* Serves, and logs where. */
sf_status sf_front_start(sf_front *front, sf_error *err);

/* Not ready any more; then the server's stop (http_server.h). NULL, and one not started, are fine. */
void sf_front_stop(sf_front *front, int64_t grace_ms);

/* What is wrong with the settings that the front reads, for --check-config. */
sf_status sf_front_check(const sf_settings *settings, sf_error *err);

#endif
