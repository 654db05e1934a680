/* http_metrics.h - what is counted of requests: http_requests_total, http_request_duration_seconds,
 * http_in_flight_requests. By route, as "/api/orders/{id}", never by path.
 */
#ifndef SF_SERVICE_HTTP_METRICS_H
#define SF_SERVICE_HTTP_METRICS_H

#include "service/http_server.h"
#include "service/metrics.h"

typedef struct sf_http_metrics sf_http_metrics;

/* Adds them. service is borrowed; to be freed after metrics. */
sf_http_metrics *sf_http_metrics_new(sf_metrics *metrics, const char *service);
void sf_http_metrics_free(sf_http_metrics *http);

/* Counts one request, and logs it: at debug, or as a warning when we failed (5xx). Fits
 * sf_http_options.observe with http as its user. Any thread. */
void sf_http_metrics_observe(void *http, const sf_http_observation *seen);

/* Whose requests under way are told; NULL: nobody's any more. The server must be there until then. */
void sf_http_metrics_follow(sf_http_metrics *http, const sf_http_server *server);

#endif
