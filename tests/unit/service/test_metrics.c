#include "service/metrics.h"

#include <string.h>

#include "check.h"
#include "service/exchange.h"

static void check_text(sf_metrics *metrics, const char *expected)
{
    sf_buffer text = SF_BUFFER_EMPTY;

    sf_metrics_write(metrics, &text);
    assert_string_equal(sf_buffer_text(&text), expected);
    sf_buffer_done(&text);
}

static void counters_have_a_line_for_each_set_of_labels(void **state)
{
    sf_metrics *metrics = sf_metrics_new();
    sf_metric *requests = sf_metrics_add(metrics, &(sf_metric_options){
                                                      .kind = SF_METRIC_COUNTER,
                                                      .name = "http_requests_total",
                                                      .help = "Requests answered.",
                                                      .labels = "method code",
                                                  });

    (void)state;
    sf_metric_add(sf_metric_at(requests, (const char *[]){"GET", "200"}), 2);
    sf_metric_add(sf_metric_at(requests, (const char *[]){"GET", "404"}), 1);
    sf_metric_add(sf_metric_at(requests, (const char *[]){"GET", "200"}), 1);

    check_text(metrics, "# HELP http_requests_total Requests answered.\n"
                        "# TYPE http_requests_total counter\n"
                        "http_requests_total{method=\"GET\",code=\"200\"} 3\n"
                        "http_requests_total{method=\"GET\",code=\"404\"} 1\n");
    sf_metrics_free(metrics);
}

static void label_values_are_escaped_and_kept_apart(void **state)
{
    sf_metrics *metrics = sf_metrics_new();
    sf_metric *odd = sf_metrics_add(
        metrics, &(sf_metric_options){
                     .kind = SF_METRIC_GAUGE, .name = "odd", .help = "Odd.", .labels = "a b"});

    (void)state;
    sf_metric_set(sf_metric_at(odd, (const char *[]){"x\"y\\z\n", ""}), 1);
    sf_metric_set(sf_metric_at(odd, (const char *[]){"ab", "c"}), 2);
    sf_metric_set(sf_metric_at(odd, (const char *[]){"a", "bc"}), 2.5);

    check_text(metrics, "# HELP odd Odd.\n# TYPE odd gauge\n"
                        "odd{a=\"x\\\"y\\\\z\\n\",b=\"\"} 1\n"
                        "odd{a=\"ab\",b=\"c\"} 2\n"
                        "odd{a=\"a\",b=\"bc\"} 2.5\n");
    sf_metrics_free(metrics);
}

static void buckets_of_a_histogram_are_cumulated(void **state)
{
    sf_metrics *metrics = sf_metrics_new();
    sf_metric_series *took =
        sf_metric_at(sf_metrics_add(metrics, &(sf_metric_options){.kind = SF_METRIC_HISTOGRAM,
                                                                  .name = "took_seconds",
                                                                  .help = "Took."}),
                     NULL);
    sf_buffer text = SF_BUFFER_EMPTY;

    (void)state;
    sf_metric_observe(took, 0.0005); /* a bound is inside */
    sf_metric_observe(took, 0.3);
    sf_metric_observe(took, 100);
    sf_metrics_write(metrics, &text);

    assert_non_null(strstr(sf_buffer_text(&text), "took_seconds_bucket{le=\"0.0005\"} 1\n"));
    assert_non_null(strstr(sf_buffer_text(&text), "took_seconds_bucket{le=\"0.25\"} 1\n"));
    assert_non_null(strstr(sf_buffer_text(&text), "took_seconds_bucket{le=\"0.5\"} 2\n"));
    assert_non_null(strstr(sf_buffer_text(&text), "took_seconds_bucket{le=\"10\"} 2\n"));
    assert_non_null(strstr(sf_buffer_text(&text), "took_seconds_bucket{le=\"+Inf\"} 3\n"
                                                  "took_seconds_sum 100.3005\n"
                                                  "took_seconds_count 3\n"));
    sf_buffer_done(&text);
    sf_metrics_free(metrics);
}

typedef struct lag_source {
    sf_metric *lag;
    bool has_partition_one;
} lag_source;

static void collect_lag(void *user)
{
    lag_source *source = user;

    sf_metric_hide(source->lag);
    sf_metric_set(sf_metric_at(source->lag, (const char *[]){"0"}), 5);
    if (source->has_partition_one)
        sf_metric_set(sf_metric_at(source->lag, (const char *[]){"1"}), 7);
}

static void what_a_collector_no_longer_sets_is_gone(void **state)
{
    sf_metrics *metrics = sf_metrics_new();
    lag_source source = {
        .lag = sf_metrics_add(metrics, &(sf_metric_options){.kind = SF_METRIC_GAUGE,
                                                            .name = "lag",
                                                            .help = "Lag.",
                                                            .labels = "partition"}),
        .has_partition_one = true,
    };

    (void)state;
    sf_metrics_add_collector(metrics, collect_lag, &source);

    check_text(metrics, "# HELP lag Lag.\n# TYPE lag gauge\n"
                        "lag{partition=\"0\"} 5\nlag{partition=\"1\"} 7\n");
    source.has_partition_one = false;
    check_text(metrics, "# HELP lag Lag.\n# TYPE lag gauge\nlag{partition=\"0\"} 5\n");
    sf_metrics_free(metrics);
}

static void the_route_answers_in_the_text_format(void **state)
{
    sf_metrics *metrics = sf_metrics_new();
    sf_router *router = sf_router_new();
    sf_exchange *exchange = sf_exchange_new("GET", "/metrics", SF_NULL);

    (void)state;
    sf_metrics_add_routes(metrics, router);
    sf_router_handle(router, exchange);

    assert_int_equal(sf_exchange_status(exchange), 200);
    assert_string_equal(sf_exchange_header(exchange, "Content-Type"),
                        "text/plain; version=0.0.4; charset=utf-8");
    sf_exchange_free(exchange);
    sf_router_free(router);
    sf_metrics_free(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_have_a_line_for_each_set_of_labels),
        cmocka_unit_test(label_values_are_escaped_and_kept_apart),
        cmocka_unit_test(buckets_of_a_histogram_are_cumulated),
        cmocka_unit_test(what_a_collector_no_longer_sets_is_gone),
        cmocka_unit_test(the_route_answers_in_the_text_format),
    };

    return run_tests(tests);
}
