/* query-service's topology, one behaviour at a time. Random histories: see
 * test_query_topology_histories.c. */
#include "check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "support/query_driver.h"

#define NINE (HISTORY_BEGIN_MS + 9 * HOUR_MS) /* 2026-02-27T09:00:00Z */
#define MINUTE INT64_C(60000)

typedef struct shop {
    query_topology *topology;
    sf_test_driver *driver;
} shop;

static int open_shop_counting(void **state, sales_counting counting)
{
    shop *made = calloc(1, sizeof *made);

    made->topology = query_driver_topology(counting);
    made->driver = query_driver_new(made->topology, 3, false);
    *state = made;
    return 0;
}

static int open_shop(void **state)
{
    return open_shop_counting(state, SALES_NET);
}

static int open_gross_shop(void **state)
{
    return open_shop_counting(state, SALES_GROSS);
}

static int close_shop(void **state)
{
    shop *opened = *state;

    sf_test_driver_free(opened->driver);
    query_topology_free(opened->topology);
    free(opened);
    return 0;
}

static sf_test_driver *driver_of(void **state)
{
    return ((shop *)*state)->driver;
}

static void pipe_product(sf_test_driver *driver, int id, int version, const char *category,
                         int64_t time_ms)
{
    char key[16], value[256];

    (void)snprintf(key, sizeof key, "%d", id); /* these fit */
    (void)snprintf(value, sizeof value,
                   "{\"eventType\":\"Product%s\",\"version\":%d,\"payload\":"
                   "{\"id\":%d,\"category\":\"%s\"}}",
                   version == 1 ? "Created" : "Updated", version, id, category);
    assert_ok(sf_test_driver_pipe_text(driver, "product-events", key, value, time_ms, err));
}

/* items: {"productId":1,"quantity":2,"price":500.0},… */
static void pipe_order(sf_test_driver *driver, int id, const char *items, int64_t time_ms)
{
    char key[16], value[512];

    (void)snprintf(key, sizeof key, "%d", id); /* these fit */
    (void)snprintf(value, sizeof value,
                   "{\"eventType\":\"OrderCreated\",\"version\":1,\"payload\":"
                   "{\"id\":%d,\"customerId\":1,\"status\":\"CREATED\",\"items\":[%s]}}",
                   id, items);
    assert_ok(sf_test_driver_pipe_text(driver, "order-events", key, value, time_ms, err));
}

static void pipe_status(sf_test_driver *driver, int id, int version, const char *status,
                        int64_t time_ms)
{
    char key[16], value[256];

    (void)snprintf(key, sizeof key, "%d", id); /* these fit */
    (void)snprintf(value, sizeof value,
                   "{\"eventType\":\"OrderStatusUpdated\",\"version\":%d,\"payload\":"
                   "{\"orderId\":%d,\"newStatus\":\"%s\"}}",
                   version, id, status);
    assert_ok(sf_test_driver_pipe_text(driver, "order-events", key, value, time_ms, err));
}

#define LAPTOP(id) "{\"productId\":" #id ",\"quantity\":2,\"price\":500.0}"

#define assert_total(total, cents, count)                                                    \
    do {                                                                                     \
        sales_total checked = (total);                                                       \
        if (checked.amount.minor != (cents) || checked.lines != (count))                     \
            fail_msg("%s is %" PRId64 " of %" PRId64 " lines", #total, checked.amount.minor, \
                     checked.lines);                                                         \
    } while (0)

static void graph_is_as_described(void **state)
{
    sf_buffer expected = SF_BUFFER_EMPTY;
    char *text = sf_topology_describe(query_topology_graph(((shop *)*state)->topology));

    assert_ok(sf_file_read("tests/data/query_topology.txt", &expected, err));
    assert_string_equal(text, sf_buffer_text(&expected));
    sf_buffer_done(&expected);
    free(text);
}

static void order_is_in_all_three_views(void **state)
{
    sf_test_driver *driver = driver_of(state);

    pipe_product(driver, 1, 1, "Electronics", NINE);
    pipe_order(driver, 1, LAPTOP(1), NINE + 15 * MINUTE);

    assert_total(query_driver_product(driver, 1), 100000, 1);
    assert_total(query_driver_category(driver, "Electronics"), 100000, 1);
    assert_total(query_driver_hour(driver, 1, NINE), 100000, 1);
}

static void closer_look_at_a_product_shows_what_was_cancelled(void **state)
{
    sf_test_driver *driver = driver_of(state);
    product_sales sales;

    pipe_order(driver, 1, LAPTOP(1) "," LAPTOP(1), NINE);
    pipe_order(driver, 2, LAPTOP(1) "," LAPTOP(2), NINE + MINUTE);
    pipe_status(driver, 2, 2, "CANCELLED", NINE + 2 * MINUTE);
    sales = query_driver_sales(driver, 1);

    assert_total(sales.total, 200000, 2);
    assert_int_equal(sales.gross.minor, 300000);
    assert_int_equal(sales.units, 4);
    assert_int_equal(sales.orders, 1);
    assert_true(sales.last_sale_at == NINE + MINUTE);
}

static void order_that_never_counted_is_gross_all_the_same(void **state)
{
    sf_test_driver *driver = driver_of(state);
    product_sales sales;

    pipe_status(driver, 1, 2, "CANCELLED", NINE);
    pipe_order(driver, 1, LAPTOP(1), NINE);
    sales = query_driver_sales(driver, 1);

    assert_total(sales.total, 0, 0);
    assert_int_equal(sales.gross.minor, 100000);
    assert_int_equal(sales.orders, 0);
    assert_total(query_driver_category(driver, "UNKNOWN"), 0, 0);
    assert_total(query_driver_hour(driver, 1, NINE), 0, 0);
}

#define TRACE "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

static void a_trace_follows_the_order_to_its_categories(void **state)
{
    static const char *const topics[] = {"lines-by-product-repartition",
                                         "lines-by-category-repartition"};
    static const char order[] = "{\"eventType\":\"OrderCreated\",\"payload\":{\"id\":1,"
                                "\"customerId\":1,\"items\":[" LAPTOP(1) "]}}";
    sf_header headers[] = {{"ce_id", sf_bytes_text("x")}, {"traceparent", sf_bytes_text(TRACE)}};
    sf_test_driver *driver = driver_of(state);
    sf_record record = {
        .key = sf_bytes_text("1"),
        .value = sf_bytes_text(order),
        .timestamp = NINE,
        .headers = {headers, 2},
    };

    assert_ok(sf_test_driver_pipe(driver, "order-events", &record, err));

    for (size_t i = 0; i < 2; i++) {
        sf_record passed;

        assert_true(sf_test_driver_read(driver, topics[i], &passed));
        assert_bytes(sf_headers_last(passed.headers, "traceparent")->value, TRACE);
        assert_null(sf_headers_last(passed.headers, "ce_id"));
    }
}

static void pipe_customer(sf_test_driver *driver, int id, int version, const char *rest)
{
    char key[16], value[256];

    (void)snprintf(key, sizeof key, "%d", id); /* these fit */
    (void)snprintf(value, sizeof value,
                   "{\"eventType\":\"Customer%s\",\"version\":%d,\"payload\":{\"id\":%d,%s}}",
                   version == 1 ? "Created" : "Updated", version, id, rest);
    assert_ok(sf_test_driver_pipe_text(driver, "customer-events", key, value, NINE, err));
}

static void newest_version_of_a_customer_is_kept(void **state)
{
    sf_test_driver *driver = driver_of(state);
    customer_state customer;

    pipe_customer(driver, 7, 1, "\"name\":\"Ann\"");
    pipe_customer(driver, 7, 3, "\"name\":\"Anne\",\"email\":\"anne@example.com\"");
    pipe_customer(driver, 7, 2, "\"name\":\"Late\"");
    pipe_customer(driver, 7, 3, "\"name\":\"Again\"");
    customer = query_driver_customer(driver, 7);

    assert_int_equal(customer.version, 3);
    assert_bytes(customer.name, "Anne");
    assert_bytes(customer.email, "anne@example.com");
}

static void same_product_twice_is_two_lines(void **state)
{
    sf_test_driver *driver = driver_of(state);

    pipe_product(driver, 1, 1, "Electronics", NINE);
    pipe_order(driver, 1, LAPTOP(1) "," LAPTOP(1), NINE);

    assert_total(query_driver_product(driver, 1), 200000, 2);
    pipe_status(driver, 1, 2, "CANCELLED", NINE);
    assert_total(query_driver_product(driver, 1), 0, 0);
    assert_total(query_driver_category(driver, "Electronics"), 0, 0);
}

static void sale_before_its_product_moves_from_unknown(void **state)
{
    sf_test_driver *driver = driver_of(state);

    pipe_order(driver, 1, LAPTOP(1), NINE);
    assert_total(query_driver_category(driver, "UNKNOWN"), 100000, 1);

    pipe_product(driver, 1, 1, "Electronics", NINE + MINUTE);
    assert_total(query_driver_category(driver, "UNKNOWN"), 0, 0);
    assert_total(query_driver_category(driver, "Electronics"), 100000, 1);
    assert_total(query_driver_product(driver, 1), 100000, 1);
}

static void past_sales_stay_when_the_category_changes(void **state)
{
    sf_test_driver *driver = driver_of(state);

    pipe_product(driver, 1, 1, "Electronics", NINE);
    pipe_order(driver, 1, LAPTOP(1), NINE + MINUTE);
    pipe_product(driver, 1, 2, "Computers", NINE + 2 * MINUTE);
    pipe_order(driver, 2, LAPTOP(1), NINE + 3 * MINUTE);

    assert_total(query_driver_category(driver, "Electronics"), 100000, 1);
    assert_total(query_driver_category(driver, "Computers"), 100000, 1);
}

static void late_version_moves_the_sales_of_its_time_alone(void **state)
{
    sf_test_driver *driver = driver_of(state);

    pipe_product(driver, 1, 1, "A", NINE);
    pipe_product(driver, 1, 3, "C", NINE + 30 * MINUTE);
    pipe_order(driver, 1, LAPTOP(1), NINE + 10 * MINUTE);
    pipe_order(driver, 2, LAPTOP(1), NINE + 25 * MINUTE);
    pipe_order(driver, 3, LAPTOP(1), NINE + 35 * MINUTE);
    assert_total(query_driver_category(driver, "A"), 200000, 2);

    pipe_product(driver, 1, 2, "B", NINE + 20 * MINUTE);
    assert_total(query_driver_category(driver, "A"), 100000, 1);
    assert_total(query_driver_category(driver, "B"), 100000, 1);
    assert_total(query_driver_category(driver, "C"), 100000, 1);
}

static void late_version_makes_one_change_a_category(void **state)
{
    sf_test_driver *driver = driver_of(state);

    for (int id = 1; id <= 50; id++)
        pipe_order(driver, id, LAPTOP(1), NINE + id);
    assert_int_equal(sf_test_driver_produced(driver, "lines-by-category-repartition"), 50);

    pipe_product(driver, 1, 1, "A", NINE);
    assert_int_equal(sf_test_driver_produced(driver, "lines-by-category-repartition"), 52);
    assert_total(query_driver_category(driver, "A"), 50 * 100000, 50);
    assert_total(query_driver_category(driver, "UNKNOWN"), 0, 0);
}

static void deleted_product_keeps_its_past(void **state)
{
    sf_test_driver *driver = driver_of(state);

    pipe_product(driver, 1, 1, "A", NINE);
    pipe_order(driver, 1, LAPTOP(1), NINE);
    assert_ok(sf_test_driver_pipe_text(driver, "product-events", "1", NULL, NINE + 1, err));

    assert_total(query_driver_category(driver, "A"), 100000, 1);
    assert_int_equal(sf_test_driver_counters(driver).dead_letters, 0);
}

static void cancelled_order_leaves_the_hour_of_its_sale(void **state)
{
    sf_test_driver *driver = driver_of(state);

    pipe_product(driver, 1, 1, "A", NINE);
    pipe_order(driver, 1, LAPTOP(1), NINE);
    pipe_order(driver, 2, LAPTOP(1), NINE + 5 * HOUR_MS);
    pipe_status(driver, 1, 2, "CANCELLED", NINE + 6 * HOUR_MS);

    assert_total(query_driver_hour(driver, 1, NINE), 0, 0);
    assert_total(query_driver_hour(driver, 1, NINE + 5 * HOUR_MS), 100000, 1);
    assert_total(query_driver_hour(driver, 1, NINE + 6 * HOUR_MS), 0, 0);
    assert_total(query_driver_product(driver, 1), 100000, 1);
    assert_total(query_driver_category(driver, "A"), 100000, 1);
}

static void cancelled_order_leaves_the_category_it_is_booked_under(void **state)
{
    sf_test_driver *driver = driver_of(state);

    pipe_order(driver, 1, LAPTOP(1), NINE + 10);
    pipe_product(driver, 1, 2, "B", NINE + 20);
    pipe_product(driver, 1, 1, "A", NINE);
    pipe_status(driver, 1, 2, "REFUNDED", NINE + 30);

    assert_total(query_driver_category(driver, "A"), 0, 0);
    assert_total(query_driver_category(driver, "B"), 0, 0);
    assert_total(query_driver_category(driver, "UNKNOWN"), 0, 0);
}

static void gross_counting_keeps_cancelled_orders(void **state)
{
    sf_test_driver *driver = driver_of(state);

    pipe_order(driver, 1, LAPTOP(1), NINE);
    pipe_status(driver, 1, 2, "CANCELLED", NINE);

    assert_total(query_driver_product(driver, 1), 100000, 1);
}

static void free_items_are_rows(void **state)
{
    sf_test_driver *driver = driver_of(state);

    pipe_order(driver, 1, "{\"productId\":1,\"quantity\":1,\"price\":0.0}", NINE);

    assert_total(query_driver_product(driver, 1), 0, 1);
    assert_total(query_driver_hour(driver, 1, NINE), 0, 1);
    pipe_status(driver, 1, 2, "FAILED", NINE);
    assert_total(query_driver_product(driver, 1), 0, 0);
}

static void cents_are_exact(void **state)
{
    sf_test_driver *driver = driver_of(state);

    for (int id = 1; id <= 1000; id++)
        pipe_order(driver, id, "{\"productId\":1,\"quantity\":1,\"price\":19.99}", NINE);

    assert_total(query_driver_product(driver, 1), 1999000, 1000);
}

static void sale_beyond_the_retention_is_in_the_totals_alone(void **state)
{
    sf_test_driver *driver = driver_of(state);
    int64_t past = NINE - HOURS_RETENTION_MS - 2 * HOUR_MS;

    pipe_order(driver, 1, LAPTOP(1), NINE);
    pipe_order(driver, 2, LAPTOP(1), past);

    assert_total(query_driver_hour(driver, 1, past), 0, 0);
    assert_total(query_driver_hour(driver, 1, NINE), 100000, 1);
    assert_total(query_driver_product(driver, 1), 200000, 2);
    assert_int_equal(sf_test_driver_counters(driver).dropped, 1);
}

static void redelivered_events_count_once(void **state)
{
    sf_test_driver *driver = driver_of(state);

    for (int i = 0; i < 2; i++) {
        pipe_product(driver, 1, 1, "A", NINE);
        pipe_order(driver, 1, LAPTOP(1), NINE);
        pipe_status(driver, 1, 2, "SHIPPED", NINE);
    }

    assert_total(query_driver_product(driver, 1), 100000, 1);
    assert_int_equal(sf_test_driver_counters(driver).dropped, 3);
}

/* ---- golden events ---- */

static void pipe_golden(sf_test_driver *driver, const char *topic, const char *name)
{
    sf_buffer value = SF_BUFFER_EMPTY;
    char path[128];

    (void)snprintf(path, sizeof path, "tests/data/events/%s.json", name); /* fits */
    assert_ok(sf_file_read(path, &value, err));
    assert_ok(sf_test_driver_pipe_text(driver, topic, "1", sf_buffer_text(&value),
                                       NINE + 20 * MINUTE, err));
    sf_buffer_done(&value);
}

static void golden_events_are_taken(void **state)
{
    sf_test_driver *driver = driver_of(state);

    pipe_golden(driver, "product-events", "product_created");
    pipe_golden(driver, "order-events", "order_created");
    pipe_golden(driver, "order-events", "order_status_updated");

    assert_int_equal(sf_test_driver_counters(driver).dead_letters, 0);
    assert_total(query_driver_hour(driver, 1, NINE), 100000, 1);
    assert_total(query_driver_category(driver, "Electronics"), 100000, 1);
}

static void events_of_older_writers_are_taken(void **state)
{
    sf_test_driver *driver = driver_of(state);

    for (int i = 0; i < 2; i++) {
        pipe_golden(driver, "product-events", "plain_product_created");
        pipe_golden(driver, "order-events", "plain_order_created");
        pipe_golden(driver, "order-events", "plain_order_updated");
    }

    assert_int_equal(sf_test_driver_counters(driver).dead_letters, 0);
    assert_total(query_driver_product(driver, 1), 100000, 1);
    assert_total(query_driver_category(driver, "Electronics"), 100000, 1);
}

/* ---- what cannot be taken ---- */

static sf_bytes header(const sf_record *record, const char *name)
{
    const sf_header *found = sf_headers_last(record->headers, name);

    return found ? found->value : SF_NULL;
}

static void assert_dead_letter(sf_test_driver *driver, const char *topic, const char *value,
                               const char *reason)
{
    sf_record letter;
    sf_bytes message;

    if (!sf_test_driver_read(driver, "dlq", &letter))
        fail_msg("no dead letter for %s", value);
    message = header(&letter, "__streams.errors.message");
    assert_bytes(letter.value, value);
    assert_bytes(header(&letter, "__streams.errors.topic"), topic);
    if (!memmem(message.data, message.size, reason, strlen(reason)))
        fail_msg("%s: '%.*s'", value, (int)message.size, (const char *)message.data);
}

static void malformed_events_become_dead_letters_as_they_came(void **state)
{
    static const char *const cases[][3] = {
        {"order-events", "hello", "value"},
        {"order-events", "{\"eventType\":\"OrderCreated\",\"payload\":{\"id\":1}}", "customerId"},
        {"order-events", "{\"eventType\":\"Nonsense\",\"payload\":{}}", "Nonsense"},
        {"order-events",
         "{\"eventType\":\"OrderUpdated\",\"payload\":{\"orderId\":2,\"newStatus\":\"PAID\"}}",
         "key '1'"},
        {"product-events", "{\"eventType\":\"ProductCreated\",\"payload\":{\"id\":1}}", "category"},
        {"product-events",
         "{\"eventType\":\"ProductCreated\",\"payload\":{\"id\":7,\"category\":\"A\"}}", "key '1'"},
    };
    sf_test_driver *driver = driver_of(state);

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_ok(sf_test_driver_pipe_text(driver, cases[i][0], "1", cases[i][1], NINE, err));
        assert_dead_letter(driver, cases[i][0], cases[i][1], cases[i][2]);
    }
    pipe_order(driver, 1, LAPTOP(1), NINE); /* and it goes on */
    assert_total(query_driver_product(driver, 1), 100000, 1);
}

static void event_from_the_future_is_a_dead_letter(void **state)
{
    static const char *const event =
        "{\"eventType\":\"OrderCreated\",\"occurredAt\":\"2099-01-01T00:00:00Z\",\"payload\":"
        "{\"id\":1,\"customerId\":1,\"items\":[{\"productId\":1,\"quantity\":1,\"price\":1}]}}";
    sf_test_driver *driver = driver_of(state);

    assert_ok(sf_test_driver_pipe_text(driver, "order-events", "1", event, NINE, err));

    assert_dead_letter(driver, "order-events", event, "future-timestamp");
    pipe_order(driver, 2, LAPTOP(1), NINE); /* no window was closed by it */
    assert_total(query_driver_hour(driver, 1, NINE), 100000, 1);
}

static void sum_that_would_overflow_takes_no_part_of_the_line(void **state)
{
    static const char *const line =
        "{\"productId\":1,\"quantity\":1000000,\"price\":10000000000.0}"; /* 10^18 cents */
    sf_test_driver *driver = driver_of(state);
    int64_t cents = INT64_C(1000000000000000000);

    pipe_product(driver, 1, 1, "A", NINE);
    for (int id = 1; id <= 10; id++) /* nine fit */
        pipe_order(driver, id, line, NINE);

    assert_total(query_driver_product(driver, 1), 9 * cents, 9);
    assert_total(query_driver_hour(driver, 1, NINE), 9 * cents, 9);
    assert_total(query_driver_category(driver, "A"), 9 * cents, 9);
    assert_int_equal(sf_test_driver_counters(driver).dead_letters, 1);
    assert_int_equal(sf_test_driver_unread(driver, "dlq"), 1);
}

#define in_shop(test) cmocka_unit_test_setup_teardown(test, open_shop, close_shop)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        in_shop(graph_is_as_described),
        in_shop(order_is_in_all_three_views),
        in_shop(same_product_twice_is_two_lines),
        in_shop(newest_version_of_a_customer_is_kept),
        in_shop(closer_look_at_a_product_shows_what_was_cancelled),
        in_shop(order_that_never_counted_is_gross_all_the_same),
        in_shop(a_trace_follows_the_order_to_its_categories),
        in_shop(sale_before_its_product_moves_from_unknown),
        in_shop(past_sales_stay_when_the_category_changes),
        in_shop(late_version_moves_the_sales_of_its_time_alone),
        in_shop(late_version_makes_one_change_a_category),
        in_shop(deleted_product_keeps_its_past),
        in_shop(cancelled_order_leaves_the_hour_of_its_sale),
        in_shop(cancelled_order_leaves_the_category_it_is_booked_under),
        cmocka_unit_test_setup_teardown(gross_counting_keeps_cancelled_orders, open_gross_shop,
                                        close_shop),
        in_shop(free_items_are_rows),
        in_shop(cents_are_exact),
        in_shop(sale_beyond_the_retention_is_in_the_totals_alone),
        in_shop(redelivered_events_count_once),
        in_shop(golden_events_are_taken),
        in_shop(events_of_older_writers_are_taken),
        in_shop(malformed_events_become_dead_letters_as_they_came),
        in_shop(event_from_the_future_is_a_dead_letter),
        in_shop(sum_that_would_overflow_takes_no_part_of_the_line),
    };

    return run_tests(tests);
}
