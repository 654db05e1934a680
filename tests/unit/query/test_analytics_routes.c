/* The REST interface over the whole runtime on a journal in memory: no sockets, else everything. */
#include "check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http/analytics_routes.h"
#include "service/exchange.h"
#include "service/timestamp.h"
#include "topology/query_topology.h"

#define DAY INT64_C(1772150400000) /* 2026-02-27T00:00:00Z */
#define HOURLY "/api/analytics/hourly-sales"

typedef struct house {
    sf_broker *broker;
    sf_producer *producer;
    query_topology *topology;
    sf_streams *streams;
    sf_clock *clock;
    fleet *fleet; /* of this one alone */
    analytics_views views;
    sf_router *router;
} house;

static house it; /* made once: no test changes what it holds */

static void make_topics(void)
{
    static const char *const topics[] = {"product-events", "order-events", "customer-events"};

    for (size_t i = 0; i < 3; i++) {
        sf_topic_spec spec = {.name = topics[i], .partitions = 3};

        assert_ok(sf_broker_create_topic(it.broker, &spec, NULL, err));
    }
}

static void send_event(const char *topic, int id, const char *value, int64_t time_ms)
{
    sf_outgoing out = {.partition = SF_PARTITION_BY_KEY};
    char key[16];
    size_t sent;

    (void)snprintf(key, sizeof key, "%d", id); /* fits */
    out.record =
        (sf_record){.key = sf_bytes_text(key), .value = sf_bytes_text(value), .timestamp = time_ms};
    assert_ok(sf_producer_topic_open(it.producer, topic, &out.topic, err));
    assert_ok(sf_producer_send(it.producer, &out, 1, &sent, err));
}

static void send_product(int id, const char *category)
{
    char value[256];

    (void)snprintf(value, sizeof value,
                   "{\"eventType\":\"ProductCreated\",\"payload\":{\"id\":%d,\"name\":\"P\","
                   "\"category\":\"%s\",\"price\":500.0}}",
                   id, category); /* fits */
    send_event("product-events", id, value, DAY);
}

/* An order of one line, two pieces, so many minutes after midnight. */
static void send_order(int id, int product, const char *price, int minutes)
{
    int64_t time_ms = DAY + minutes * INT64_C(60000);
    char value[384], time[SF_TIMESTAMP_TEXT_SIZE];

    sf_timestamp_format(time_ms, time);
    (void)snprintf(value, sizeof value,
                   "{\"eventType\":\"OrderCreated\",\"occurredAt\":\"%s\",\"payload\":{\"id\":%d,"
                   "\"customerId\":1,\"items\":[{\"productId\":%d,\"quantity\":2,"
                   "\"price\":%s}]}}",
                   time, id, product, price); /* fits */
    send_event("order-events", id, value, time_ms);
}

static void send_all(void)
{
    send_product(1, "Electronics");
    send_product(2, "B\xc3\xbc"
                    "cher & mehr");
    send_product(10, "Home/Garden");
    send_order(1, 1, "500.0", 9 * 60 + 15);
    send_order(2, 2, "9.99", 9 * 60 + 59);
    send_order(3, 10, "1", 9 * 60);
    send_order(4, 10, "0.05", 10 * 60);
    send_order(5, 2, "1.50", 10 * 60 + 30);
    send_order(6, 2, "1.50", 10 * 60 + 31);
    send_order(7, 99, "3", 12 * 60); /* never created */
    send_order(8, 10, "2", 13 * 60);
    assert_ok(sf_producer_flush(it.producer, 10000, err));
}

static int status_of(const char *target, char *body, size_t size)
{
    sf_exchange *exchange = sf_exchange_new("GET", target, SF_NULL);
    int status;

    sf_router_handle(it.router, exchange);
    status = sf_exchange_status(exchange);
    (void)snprintf(body, size, "%s", sf_exchange_body(exchange)); /* may be cut */
    sf_exchange_free(exchange);
    return status;
}

static bool is_there(const char *target, const char *text)
{
    char body[8192];

    return status_of(target, body, sizeof body) == 200 && strstr(body, text);
}

/* All rows, and all that follows from them in the categories. */
static bool all_is_counted(void)
{
    return is_there("/api/analytics/categories/Electronics/revenue", ":1000.0") &&
           is_there("/api/analytics/categories/Home%2FGarden/revenue", ":6.1") &&
           is_there("/api/analytics/categories/B%C3%BCcher%20%26%20mehr/revenue", ":25.98") &&
           is_there("/api/analytics/categories/UNKNOWN/revenue", ":6.0");
}

static void wait_until_all_is_counted(void)
{
    struct timespec pause = {.tv_nsec = 2000000};

    for (int tries = 0; !all_is_counted(); tries++) {
        if (tries == 15000)
            fail_msg("the orders are not counted");
        nanosleep(&pause, NULL);
    }
}

static void make_application(void)
{
    query_topology_options options = {.product_topic = "product-events",
                                      .order_topic = "order-events",
                                      .customer_topic = "customer-events",
                                      .currency_exponent = 2};
    sf_config config = {.application_id = "test",
                        .broker = it.broker,
                        .state_dir = SF_STATE_IN_MEMORY,
                        .memory_max_bytes = 32 << 20};
    analytics_options views;

    assert_ok(query_topology_new(&options, &it.topology, err));
    assert_ok(sf_streams_new(query_topology_graph(it.topology), &config, &it.streams, err));
    assert_ok(
        fleet_new(&(fleet_options){.streams = it.streams, .timeout_ms = 1000}, &it.fleet, err));
    views = (analytics_options){
        .fleet = it.fleet, .topology = it.topology, .currency = "USD", .clock = it.clock};
    assert_ok(analytics_open(&it.views, &views, err));
    it.router = sf_router_new();
    analytics_routes_add(it.router, &it.views);
}

#define assert_get(target, expected)                                     \
    do {                                                                 \
        char got_body[8192];                                             \
        int got_status = status_of((target), got_body, sizeof got_body); \
        if (got_status != 200 || strcmp(got_body, (expected)) != 0)      \
            fail_msg("%s: %d %s", (target), got_status, got_body);       \
    } while (0)

#define assert_problem(target, status, word)                             \
    do {                                                                 \
        char got_body[8192];                                             \
        int got_status = status_of((target), got_body, sizeof got_body); \
        if (got_status != (status) || !strstr(got_body, (word)))         \
            fail_msg("%s: %d %s", (target), got_status, got_body);       \
    } while (0)

/* Before anything runs: part of the setup, since afterwards it is too late. */
static void reads_are_refused_until_it_runs(void)
{
    sf_exchange *exchange = sf_exchange_new("GET", "/api/analytics/products/1/sales", SF_NULL);

    sf_router_handle(it.router, exchange);
    assert_int_equal(sf_exchange_status(exchange), 503);
    assert_string_equal(sf_exchange_header(exchange, "Retry-After"), "1");
    assert_non_null(strstr(sf_exchange_body(exchange), "/problems/state-store-restoring"));
    assert_non_null(strstr(sf_exchange_body(exchange), "\"restoreRemaining\":0"));
    sf_exchange_free(exchange);
    assert_problem("/api/analytics/categories/A/revenue", 503, "state-store-restoring");
    assert_problem(HOURLY "?start=2026-02-27T00:00:00Z&end=2026-02-28T00:00:00Z", 503,
                   "state-store-restoring");
}

static int open_house(void **state)
{
    (void)state;
    it.clock = sf_clock_manual_new(DAY + 10 * HOUR_MS + 45 * INT64_C(60000));
    assert_ok(sf_broker_connect("memory:", NULL, &it.broker, err));
    assert_ok(sf_producer_new(it.broker, NULL, &it.producer, err));
    make_topics();
    make_application();
    reads_are_refused_until_it_runs();
    assert_ok(sf_streams_start(it.streams, err));
    send_all();
    wait_until_all_is_counted();
    return 0;
}

static int close_house(void **state)
{
    (void)state;
    assert_ok(sf_streams_close(it.streams, -1, err));
    assert_problem("/api/analytics/products/1/sales", 503, "NOT_RUNNING");
    sf_router_free(it.router);
    fleet_free(it.fleet);
    analytics_close(&it.views);
    sf_streams_free(it.streams);
    query_topology_free(it.topology);
    sf_producer_close(it.producer);
    sf_broker_close(it.broker);
    sf_clock_manual_free(it.clock);
    return 0;
}

static void bodies_are_as_documented(void **state)
{
    (void)state;
    assert_get("/api/analytics/products/1/sales", "{\"productId\":1,\"totalSales\":1000.0}");
    assert_get("/api/analytics/categories/Electronics/revenue",
               "{\"category\":\"Electronics\",\"totalRevenue\":1000.0}");
    assert_get(HOURLY "?start=2026-02-27T09:00:00Z&end=2026-02-27T12:00:00Z&productId=1",
               "[{\"windowStart\":\"2026-02-27T09:00:00Z\",\"windowEnd\":\"2026-02-27T10:00:00Z\","
               "\"productId\":1,\"totalSales\":1000.0}]");
}

static void nothing_sold_is_zero(void **state)
{
    (void)state;
    assert_get("/api/analytics/products/5/sales", "{\"productId\":5,\"totalSales\":0.0}");
    assert_get("/api/analytics/products/9007199254740991/sales",
               "{\"productId\":9007199254740991,\"totalSales\":0.0}");
    assert_get("/api/analytics/categories/electronics/revenue",
               "{\"category\":\"electronics\",\"totalRevenue\":0.0}");
    assert_get(HOURLY "?start=2026-02-27T14:00:00Z&end=2026-02-27T18:00:00Z", "[]");
    assert_get(HOURLY "?start=1900-01-01T00:00:00Z&end=1960-01-01T00:00:00Z", "[]");
}

static void category_is_percent_decoded(void **state)
{
    (void)state;
    assert_get("/api/analytics/categories/Home%2FGarden/revenue",
               "{\"category\":\"Home/Garden\",\"totalRevenue\":6.1}");
    assert_get("/api/analytics/categories/B%C3%BCcher%20%26%20mehr/revenue",
               "{\"category\":\"B\xc3\xbc"
               "cher & mehr\",\"totalRevenue\":25.98}");
    assert_get("/api/analytics/categories/UNKNOWN/revenue",
               "{\"category\":\"UNKNOWN\",\"totalRevenue\":6.0}");
}

static void what_is_no_id_is_refused(void **state)
{
    static const char *const ids[] = {"abc", "0", "-1", "1.0", "01x", "9007199254740992", "%20"};

    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        char target[128];

        (void)snprintf(target, sizeof target, "/api/analytics/products/%s/sales",
                       ids[i]); /* fits */
        assert_problem(target, 400, "\"parameter\":\"id\"");
    }
}

#define ROW(hour, next, product, sales)                                                \
    "{\"windowStart\":\"2026-02-27T" hour ":00:00Z\",\"windowEnd\":\"2026-02-27T" next \
    ":00:00Z\",\"productId\":" product ",\"totalSales\":" sales "}"
#define NINE                       \
    ROW("09", "10", "1", "1000.0") \
    "," ROW("09", "10", "2", "19.98") "," ROW("09", "10", "10", "2.0")
#define TEN ROW("10", "11", "2", "6.0") "," ROW("10", "11", "10", "0.1")
#define TWELVE ROW("12", "13", "99", "6.0")
#define THIRTEEN ROW("13", "14", "10", "4.0")

static void rows_are_sorted_by_hour_then_product(void **state)
{
    (void)state;
    assert_get(HOURLY "?start=2026-02-27T00:00:00Z&end=2026-02-28T00:00:00Z",
               "[" NINE "," TEN "," TWELVE "," THIRTEEN "]");
}

static void hours_that_overlap_are_given(void **state)
{
    (void)state;
    assert_get(HOURLY "?start=2026-02-27T09:00:00Z&end=2026-02-27T10:00:00Z", "[" NINE "]");
    assert_get(HOURLY "?start=2026-02-27T09:59:59.999Z&end=2026-02-27T10:00:00.001Z",
               "[" NINE "," TEN "]");
    assert_get(HOURLY "?start=2026-02-27T10:20:00Z&end=2026-02-27T10:21:00Z", "[" TEN "]");
    assert_get(HOURLY "?start=2026-02-27T11:00:00Z&end=2026-02-27T12:00:00Z", "[]");
    assert_get(HOURLY "?start=2026-02-27T11:00:00+02:00&end=2026-02-27T12:00:00+02:00",
               "[" NINE "]");
    assert_get(HOURLY "?start=2026-02-27T11:00:00%2B02:00&end=2026-02-27T12:00:00%2B02:00",
               "[" NINE "]");
}

static void kafkas_rule_goes_by_starts(void **state)
{
    (void)state;
    assert_get(HOURLY "?start=2026-02-27T09:00:00Z&end=2026-02-27T10:00:00Z&match=start",
               "[" NINE "," TEN "]");
    assert_get(HOURLY "?start=2026-02-27T09:01:00Z&end=2026-02-27T10:00:00Z&match=start",
               "[" TEN "]");
    assert_get(HOURLY "?start=2026-02-27T10:00:00Z&end=2026-02-27T10:00:00Z&match=start",
               "[" TEN "]");
    assert_get(HOURLY "?start=2026-02-27T10:01:00Z&end=2026-02-27T10:59:00Z&match=start", "[]");
}

static void closed_hours_are_those_that_are_over(void **state)
{
    (void)state; /* the clock says 10:45 */
    assert_get(HOURLY "?start=2026-02-27T00:00:00Z&end=2026-02-28T00:00:00Z&closed=true",
               "[" NINE "]");
    assert_get(HOURLY "?start=2026-02-27T10:00:00Z&end=2026-02-27T11:00:00Z&closed=false",
               "[" TEN "]");
}

static void one_product_alone(void **state)
{
    (void)state;
    assert_get(HOURLY "?start=2026-02-27T00:00:00Z&end=2026-02-28T00:00:00Z&productId=2",
               "[" ROW("09", "10", "2", "19.98") "," ROW("10", "11", "2", "6.0") "]");
}

/* The target in a Link header, or false if there is none. */
static bool next_page(sf_exchange *exchange, char *target, size_t size)
{
    const char *link = sf_exchange_header(exchange, "Link");

    if (!link)
        return false;
    assert_int_equal(link[0], '<');
    assert_non_null(strstr(link, ">; rel=\"next\""));
    (void)snprintf(target, size, "%.*s", (int)strcspn(link + 1, ">"), link + 1); /* fits */
    return true;
}

static void pages_lead_through_all_rows(void **state)
{
    static const char *const rows[] = {
        "[" ROW("09", "10", "1", "1000.0") "," ROW("09", "10", "2", "19.98") "]",
        "[" ROW("09", "10", "10", "2.0") "," ROW("10", "11", "2", "6.0") "]",
        "[" ROW("10", "11", "10", "0.1") "," ROW("12", "13", "99", "6.0") "]",
        "[" ROW("13", "14", "10", "4.0") "]",
    };
    char target[512] = HOURLY "?start=2026-02-27T00:00:00Z&end=2026-02-28T00:00:00Z&limit=2";
    bool has_next = true;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        sf_exchange *exchange;

        assert_true(has_next);
        exchange = sf_exchange_new("GET", target, SF_NULL);
        sf_router_handle(it.router, exchange);
        assert_string_equal(sf_exchange_body(exchange), rows[i]);
        has_next = next_page(exchange, target, sizeof target);
        sf_exchange_free(exchange);
    }
    assert_false(has_next);
}

static void pages_keep_the_other_parameters(void **state)
{
    char target[512] = HOURLY "?start=2026-02-27T09:00:00Z&end=2026-02-27T10:00:00Z&match=start"
                              "&productId=10&closed=false&limit=1";
    sf_exchange *exchange = sf_exchange_new("GET", target, SF_NULL);

    (void)state;
    sf_router_handle(it.router, exchange);
    assert_string_equal(sf_exchange_body(exchange), "[" ROW("09", "10", "10", "2.0") "]");
    assert_true(next_page(exchange, target, sizeof target));
    sf_exchange_free(exchange);

    assert_get(target, "[" ROW("10", "11", "10", "0.1") "]");
}

#define ALL_DAY "?start=2026-02-27T00:00:00Z&end=2026-02-28T00:00:00Z"

static void bad_parameters_are_named(void **state)
{
    (void)state;
    assert_problem(HOURLY, 400, "\"parameter\":\"start\"");
    assert_problem(HOURLY "?start=2026-02-27T00:00:00Z", 400, "\"parameter\":\"end\"");
    assert_problem(HOURLY "?start=2026-02-27T00:00:00&end=2026-02-28T00:00:00Z", 400,
                   "\"parameter\":\"start\"");
    assert_problem(HOURLY "?start=2026-02-27T00:00:00Z&end=tomorrow", 400, "\"parameter\":\"end\"");
    assert_problem(HOURLY "?start=2026-02-27T00:00:00Z&end=2026-02-27T00:00:00Z", 400,
                   "/problems/invalid-range");
    assert_problem(HOURLY "?start=2026-02-28T00:00:00Z&end=2026-02-27T00:00:00Z&match=start", 400,
                   "/problems/invalid-range");
    assert_problem(HOURLY ALL_DAY "&productId=x", 400, "\"parameter\":\"productId\"");
    assert_problem(HOURLY ALL_DAY "&limit=0", 400, "\"parameter\":\"limit\"");
    assert_problem(HOURLY ALL_DAY "&limit=1&cursor=7", 400, "\"parameter\":\"cursor\"");
    assert_problem(HOURLY ALL_DAY "&cursor=ffffffffffffffffffffffffffffffff", 400, "cursor");
    assert_problem(HOURLY ALL_DAY "&match=end", 400, "\"parameter\":\"match\"");
    assert_problem(HOURLY ALL_DAY "&closed=yes", 400, "\"parameter\":\"closed\"");
}

static void topology_is_described(void **state)
{
    char body[8192];

    (void)state;
    assert_int_equal(status_of("/api/analytics/topology", body, sizeof body), 200);
    assert_true(!strncmp(body, "Topologies:\n   Sub-topology: 0\n", 31));
    assert_non_null(strstr(body, "hourly-sales-store"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_are_as_documented),
        cmocka_unit_test(nothing_sold_is_zero),
        cmocka_unit_test(category_is_percent_decoded),
        cmocka_unit_test(what_is_no_id_is_refused),
        cmocka_unit_test(rows_are_sorted_by_hour_then_product),
        cmocka_unit_test(hours_that_overlap_are_given),
        cmocka_unit_test(kafkas_rule_goes_by_starts),
        cmocka_unit_test(closed_hours_are_those_that_are_over),
        cmocka_unit_test(one_product_alone),
        cmocka_unit_test(pages_lead_through_all_rows),
        cmocka_unit_test(pages_keep_the_other_parameters),
        cmocka_unit_test(bad_parameters_are_named),
        cmocka_unit_test(topology_is_described),
    };

    return cmocka_run_group_tests(tests, open_house, close_house);
}
