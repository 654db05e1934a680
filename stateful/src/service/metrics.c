/* metrics.c - families, their series, and the text of both.
 *
 * A family's lock guards its list of series and the map that finds them; values are atomics, so that
 * who has a series in hand counts without a lock. Series are never freed before the whole.
 */
#include "service/metrics.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/memory.h"

static const double usual_bounds[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                      0.1,    0.25,  0.5,    1,     2.5,  5,     10};

struct sf_metric_series {
    sf_metric *metric;
    char *labels; /* method="GET",code="200"; NULL: none */
    _Atomic bool is_shown;
    _Atomic double value;
    _Atomic uint64_t
        buckets[SF_METRIC_BOUNDS_MAX + 1]; /* not cumulated; beyond the last bound, too */
};

struct sf_metric {
    sf_metric_options options;
    pthread_mutex_t lock; /* for all below */
    sf_map *by_values;
    sf_metric_series **series; /* in the order they were made */
    size_t count;
};

typedef struct collector {
    sf_metrics_collect_fn collect;
    void *user;
} collector;

struct sf_metrics {
    sf_metric **items;
    size_t count;
    collector *collectors;
    size_t collector_count;
    pthread_mutex_t reading; /* one reading at a time */
};

sf_metrics *sf_metrics_new(void)
{
    sf_metrics *metrics = sf_zalloc(sizeof(*metrics));

    pthread_mutex_init(&metrics->reading, NULL);
    return metrics;
}

static void free_metric(sf_metric *metric)
{
    for (size_t i = 0; i < metric->count; i++) {
        free(metric->series[i]->labels);
        free(metric->series[i]);
    }
    free(metric->series);
    sf_map_free(metric->by_values);
    pthread_mutex_destroy(&metric->lock);
    free(metric);
}

void sf_metrics_free(sf_metrics *metrics)
{
    if (!metrics)
        return;
    for (size_t i = 0; i < metrics->count; i++)
        free_metric(metrics->items[i]);
    free(metrics->items);
    free(metrics->collectors);
    pthread_mutex_destroy(&metrics->reading);
    free(metrics);
}

sf_metric *sf_metrics_add(sf_metrics *metrics, const sf_metric_options *options)
{
    sf_metric *metric = sf_zalloc(sizeof(*metric));

    metric->options = *options;
    if (!options->bounds) {
        metric->options.bounds = usual_bounds;
        metric->options.bound_count = SF_ARRAY_LENGTH(usual_bounds);
    }
    assert(metric->options.bound_count <= SF_METRIC_BOUNDS_MAX);
    metric->by_values = sf_map_new();
    pthread_mutex_init(&metric->lock, NULL);
    metrics->items = sf_realloc_array(metrics->items, metrics->count + 1, sizeof(*metrics->items));
    metrics->items[metrics->count++] = metric;
    return metric;
}

/* ---- series ---- */

static void add_escaped(sf_buffer *text, const char *value)
{
    for (; *value; value++) {
        if (*value == '\n')
            sf_buffer_add_text(text, "\\n");
        else if (*value == '"' || *value == '\\')
            sf_buffer_printf(text, "\\%c", *value);
        else
            sf_buffer_add(text, value, 1);
    }
}

/* The next name of a list that is separated by spaces; its size, 0 at the end. */
static size_t next_name(const char **list)
{
    *list += strspn(*list, " ");
    return strcspn(*list, " ");
}

static char *labels_text(const char *names, const char *const *values)
{
    sf_buffer text = SF_BUFFER_EMPTY;
    size_t size;

    for (size_t i = 0; (size = next_name(&names)); names += size, i++) {
        sf_buffer_printf(&text, "%s%.*s=\"", i ? "," : "", (int)size, names);
        add_escaped(&text, values[i]);
        sf_buffer_add_text(&text, "\"");
    }
    return sf_buffer_detach(&text);
}

static sf_metric_series *make_series(sf_metric *metric, const char *const *values)
{
    sf_metric_series *series = sf_zalloc(sizeof(*series));

    series->metric = metric;
    series->labels = metric->options.labels ? labels_text(metric->options.labels, values) : NULL;
    metric->series = sf_realloc_array(metric->series, metric->count + 1, sizeof(*metric->series));
    metric->series[metric->count++] = series;
    return series;
}

/* Values one behind the other, each with its NUL, so that no two sets of them are alike. */
static void write_key(const sf_metric *metric, const char *const *values, sf_buffer *key)
{
    const char *names = metric->options.labels ? metric->options.labels : "";
    size_t size;

    for (size_t i = 0; (size = next_name(&names)); names += size, i++)
        sf_buffer_add(key, values[i], strlen(values[i]) + 1);
    sf_buffer_add(key, "", 1);
}

sf_metric_series *sf_metric_at(sf_metric *metric, const char *const *values)
{
    sf_metric_series *series;
    sf_buffer key = SF_BUFFER_EMPTY;

    write_key(metric, values, &key);
    pthread_mutex_lock(&metric->lock);
    series = sf_map_get(metric->by_values, sf_buffer_bytes(&key));
    if (!series) {
        series = make_series(metric, values);
        sf_map_put(metric->by_values, sf_buffer_bytes(&key), series);
    }
    pthread_mutex_unlock(&metric->lock);
    sf_buffer_done(&key);
    return series;
}

static void add_to(_Atomic double *sum, double amount)
{
    double before = atomic_load_explicit(sum, memory_order_relaxed);

    while (!atomic_compare_exchange_weak_explicit(sum, &before, before + amount,
                                                  memory_order_relaxed, memory_order_relaxed))
        continue;
}

void sf_metric_add(sf_metric_series *series, double amount)
{
    add_to(&series->value, amount);
    atomic_store_explicit(&series->is_shown, true, memory_order_relaxed);
}

void sf_metric_set(sf_metric_series *series, double value)
{
    atomic_store_explicit(&series->value, value, memory_order_relaxed);
    atomic_store_explicit(&series->is_shown, true, memory_order_relaxed);
}

void sf_metric_observe(sf_metric_series *series, double seconds)
{
    const sf_metric_options *options = &series->metric->options;
    size_t bucket = 0;

    assert(options->kind == SF_METRIC_HISTOGRAM);
    while (bucket < options->bound_count && seconds > options->bounds[bucket])
        bucket++;
    atomic_fetch_add_explicit(&series->buckets[bucket], 1, memory_order_relaxed);
    sf_metric_add(series, seconds);
}

void sf_metric_set_histogram(sf_metric_series *series, const uint64_t *counts, double sum)
{
    assert(series->metric->options.kind == SF_METRIC_HISTOGRAM);
    for (size_t i = 0; i <= series->metric->options.bound_count; i++)
        atomic_store_explicit(&series->buckets[i], counts[i], memory_order_relaxed);
    sf_metric_set(series, sum);
}

void sf_metric_hide(sf_metric *metric)
{
    pthread_mutex_lock(&metric->lock);
    for (size_t i = 0; i < metric->count; i++)
        atomic_store_explicit(&metric->series[i]->is_shown, false, memory_order_relaxed);
    pthread_mutex_unlock(&metric->lock);
}

/* ---- the text ---- */

static void add_number(sf_buffer *text, double value)
{
    if (value == floor(value) && fabs(value) < 1e15)
        sf_buffer_printf(text, " %.0f\n", value);
    else
        sf_buffer_printf(text, " %.10g\n", value);
}

static void write_plain(sf_buffer *text, const sf_metric_series *series)
{
    sf_buffer_add_text(text, series->metric->options.name);
    if (series->labels)
        sf_buffer_printf(text, "{%s}", series->labels);
    add_number(text, atomic_load_explicit(&series->value, memory_order_relaxed));
}

static void write_bucket(sf_buffer *text, const sf_metric_series *series, const char *bound,
                         uint64_t count)
{
    sf_buffer_printf(text, "%s_bucket{%s%sle=\"%s\"} %" PRIu64 "\n", series->metric->options.name,
                     series->labels ? series->labels : "", series->labels ? "," : "", bound, count);
}

static void write_part(sf_buffer *text, const sf_metric_series *series, const char *part,
                       double value)
{
    sf_buffer_printf(text, "%s_%s", series->metric->options.name, part);
    if (series->labels)
        sf_buffer_printf(text, "{%s}", series->labels);
    add_number(text, value);
}

static void write_histogram(sf_buffer *text, const sf_metric_series *series)
{
    const sf_metric_options *options = &series->metric->options;
    uint64_t count = 0;
    char bound[32];

    for (size_t i = 0; i < options->bound_count; i++) {
        count += atomic_load_explicit(&series->buckets[i], memory_order_relaxed);
        (void)snprintf(bound, sizeof(bound), "%g", options->bounds[i]); /* always fits */
        write_bucket(text, series, bound, count);
    }
    count += atomic_load_explicit(&series->buckets[options->bound_count], memory_order_relaxed);
    write_bucket(text, series, "+Inf", count);
    write_part(text, series, "sum", atomic_load_explicit(&series->value, memory_order_relaxed));
    write_part(text, series, "count", (double)count);
}

static void write_metric(sf_buffer *text, sf_metric *metric)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};
    const sf_metric_options *options = &metric->options;

    sf_buffer_printf(text, "# HELP %s %s\n# TYPE %s %s\n", options->name, options->help,
                     options->name, kinds[options->kind]);
    pthread_mutex_lock(&metric->lock);
    for (size_t i = 0; i < metric->count; i++) {
        const sf_metric_series *series = metric->series[i];

        if (!atomic_load_explicit(&series->is_shown, memory_order_relaxed))
            continue;
        if (options->kind == SF_METRIC_HISTOGRAM)
            write_histogram(text, series);
        else
            write_plain(text, series);
    }
    pthread_mutex_unlock(&metric->lock);
}

void sf_metrics_add_collector(sf_metrics *metrics, sf_metrics_collect_fn collect, void *user)
{
    metrics->collectors = sf_realloc_array(metrics->collectors, metrics->collector_count + 1,
                                           sizeof(*metrics->collectors));
    metrics->collectors[metrics->collector_count++] = (collector){collect, user};
}

void sf_metrics_write(sf_metrics *metrics, sf_buffer *text)
{
    pthread_mutex_lock(&metrics->reading);
    for (size_t i = 0; i < metrics->collector_count; i++)
        metrics->collectors[i].collect(metrics->collectors[i].user);
    for (size_t i = 0; i < metrics->count; i++)
        write_metric(text, metrics->items[i]);
    pthread_mutex_unlock(&metrics->reading);
}

static void get_metrics(const sf_request *request, sf_reply *reply, void *user)
{
    sf_buffer text = SF_BUFFER_EMPTY;

    (void)request;
    sf_metrics_write(user, &text);
    sf_reply_body(reply, 200, "text/plain; version=0.0.4; charset=utf-8", sf_buffer_bytes(&text));
    sf_buffer_done(&text);
}

void sf_metrics_add_routes(sf_metrics *metrics, sf_router *router)
{
    static const sf_route routes[] = {{"GET", "/metrics", get_metrics}};

    sf_router_add_for(router, SF_ROLE_ANYONE, routes, SF_ARRAY_LENGTH(routes), metrics);
}
