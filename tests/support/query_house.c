#include "support/query_house.h"

#include <stdio.h>
#include <time.h>

#include "service/timestamp.h"
#include "topology/query_topology.h"

#define DAY QUERY_HOUSE_DAY

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
        sf_topic_spec spec = {.name = topics[i], .partitions = QUERY_HOUSE_PARTITIONS};

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

int query_house_get(const char *target, char *body, size_t size)
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

    return query_house_get(target, body, sizeof body) == 200 && strstr(body, text);
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

int query_house_open(void **state)
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

int query_house_close(void **state)
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

const sf_router *query_house_router(void)
{
    return it.router;
}
