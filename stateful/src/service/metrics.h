/* metrics.h - what a service counts, as Prometheus reads it (text format 0.0.4).
 *
 *     requests = sf_metrics_add(metrics, &(sf_metric_options){
 *         .kind = SF_METRIC_COUNTER, .name = "http_requests_total",
 *         .help = "Requests answered.", .labels = "method code"});
 *     sf_metric_add(sf_metric_at(requests, (const char *[]){"GET", "200"}), 1);
 *
 * A metric is a family of series, one for each set of label values. Names carry base units. Values of
 * labels are to be few: a route's template, never its path; no ids. Metrics and collectors are added
 * before threads start; the rest is for any thread.
 */
#ifndef SF_SERVICE_METRICS_H
#define SF_SERVICE_METRICS_H

#include "base/buffer.h"
#include "service/router.h"

typedef enum sf_metric_kind {
    SF_METRIC_COUNTER,   /* only grows; its name ends with _total */
    SF_METRIC_GAUGE,     /* goes up and down */
    SF_METRIC_HISTOGRAM, /* of seconds */
} sf_metric_kind;

#define SF_METRIC_LABELS_MAX 4
#define SF_METRIC_BOUNDS_MAX 16

typedef struct sf_metric_options {
    sf_metric_kind kind;
    const char *name;   /* "http_requests_total"; borrowed for good, as the others */
    const char *help;   /* one sentence */
    const char *labels; /* their names, "method route code"; NULL: none, and one series */
    /* Of a histogram: the upper bounds of its buckets in seconds, rising; NULL: from 0.0005 to 10. */
    const double *bounds;
    size_t bound_count; /* at most SF_METRIC_BOUNDS_MAX */
} sf_metric_options;

typedef struct sf_metrics sf_metrics;
typedef struct sf_metric sf_metric;
typedef struct sf_metric_series sf_metric_series;

sf_metrics *sf_metrics_new(void);
void sf_metrics_free(sf_metrics *metrics);

/* Adds a family; it belongs to metrics. */
sf_metric *sf_metrics_add(sf_metrics *metrics, const sf_metric_options *options);

/* The series of these label values (as many as labels; NULL where there are none), made when it is
 * new; it lives as long as metrics. */
sf_metric_series *sf_metric_at(sf_metric *metric, const char *const *values);

/* Of counters and gauges. Setting a counter is for those that are counted elsewhere. */
void sf_metric_add(sf_metric_series *series, double amount);
void sf_metric_set(sf_metric_series *series, double value);

/* Of histograms. */
void sf_metric_observe(sf_metric_series *series, double seconds);

/* A histogram that is kept elsewhere: how many there are in each bucket alone, and in one more beyond all
 * bounds, and their sum. */
void sf_metric_set_histogram(sf_metric_series *series, const uint64_t *counts, double sum);

/* Leaves all series of a metric out until they are set again: for what comes and goes. */
void sf_metric_hide(sf_metric *metric);

/* Called before each reading, one at a time, to set what is known elsewhere. Must not wait. */
typedef void (*sf_metrics_collect_fn)(void *user);
void sf_metrics_add_collector(sf_metrics *metrics, sf_metrics_collect_fn collect, void *user);

/* Appends all of it. */
void sf_metrics_write(sf_metrics *metrics, sf_buffer *text);

/* Adds GET /metrics, open to all; metrics must outlive the router. */
void sf_metrics_add_routes(sf_metrics *metrics, sf_router *router);

#endif
