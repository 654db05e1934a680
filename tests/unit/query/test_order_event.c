#include "check.h"

#include <string.h>

#include <stateful/arena.h>

#include "base/buffer.h"
#include "base/file.h"
#include "events/order_event.h"

static const int cents = 2;

static int make_arena(void **state)
{
    *state = sf_arena_new();
    return 0;
}

static int free_arena(void **state)
{
    sf_arena_free(*state);
    return 0;
}

static sf_status read_event(sf_arena *arena, sf_bytes json, const order_event **event,
                            sf_error *err)
{
    sf_serde serde = order_event_serde(&cents);
    sf_bytes value = SF_NULL;
    sf_status status = sf_serde_decode(&serde, json, arena, &value, err);

    *event = (const order_event *)value.data;
    return status;
}

static const order_event *event_of(sf_arena *arena, const char *json)
{
    const order_event *event;

    assert_ok(read_event(arena, sf_bytes_text(json), &event, err));
    return event;
}

static const order_event *golden(sf_arena *arena, const char *path)
{
    sf_buffer json = SF_BUFFER_EMPTY;
    const order_event *event;

    assert_ok(sf_file_read(path, &json, err));
    assert_ok(read_event(arena, sf_arena_copy(arena, sf_buffer_bytes(&json)), &event, err));
    sf_buffer_done(&json);
    return event;
}

#define assert_rejected(arena, json, word)                                                       \
    do {                                                                                         \
        sf_error rejected_err = {0};                                                             \
        const order_event *rejected;                                                             \
        sf_status rejected_status =                                                              \
            read_event((arena), sf_bytes_text(json), &rejected, &rejected_err);                  \
        if (rejected_status != SF_REJECT || !strstr(rejected_err.text, (word)))                  \
            fail_msg("%s: %s (%s)", (json), rejected_err.text, sf_status_name(rejected_status)); \
    } while (0)

static void golden_creation_is_read(void **state)
{
    const order_event *event = golden(*state, "tests/data/events/order_created.json");

    assert_true(event->is_creation);
    assert_int_equal(event->order_id, 1);
    assert_int_equal(event->version, 1);
    assert_int_equal(event->customer_id, 1);
    assert_true(event->occurred_at == INT64_C(1772183700120));
    assert_int_equal(event->line_count, 1);
    assert_int_equal(event->lines[0].product_id, 1);
    assert_int_equal(event->lines[0].quantity, 2);
    assert_int_equal(event->lines[0].price.minor, 50000);
    assert_bytes(order_event_status(event), "CREATED");
}

static void golden_status_is_read(void **state)
{
    const order_event *event = golden(*state, "tests/data/events/order_status_updated.json");

    assert_false(event->is_creation);
    assert_int_equal(event->order_id, 1);
    assert_int_equal(event->version, 2);
    assert_int_equal(event->line_count, 0);
    assert_bytes(order_event_status(event), "SHIPPED");
}

static void events_of_older_writers_are_read(void **state)
{
    const order_event *creation = golden(*state, "tests/data/events/plain_order_created.json");
    const order_event *update = golden(*state, "tests/data/events/plain_order_updated.json");

    assert_int_equal(creation->version, 0);
    assert_int_equal(creation->occurred_at, EVENT_TIME_UNKNOWN);
    assert_int_equal(creation->lines[0].price.minor, 50000);
    assert_false(update->is_creation);
    assert_int_equal(update->order_id, 1);
    assert_bytes(order_event_status(update), "SHIPPED");
}

static void members_come_in_any_order(void **state)
{
    const order_event *event =
        event_of(*state, "{\"version\":3,\"payload\":{\"newStatus\":\"PAID\",\"extra\":{\"a\":[1]},"
                         "\"orderId\":7},\"eventType\":\"OrderStatusUpdated\"}");

    assert_int_equal(event->order_id, 7);
    assert_int_equal(event->version, 3);
    assert_bytes(order_event_status(event), "PAID");
}

static void time_may_be_milliseconds(void **state)
{
    const order_event *event =
        event_of(*state, "{\"eventType\":\"OrderUpdated\",\"occurredAt\":1772183700120,"
                         "\"payload\":{\"orderId\":7,\"newStatus\":\"PAID\"}}");

    assert_true(event->occurred_at == INT64_C(1772183700120));
}

static void many_lines_are_kept_in_order(void **state)
{
    sf_buffer json = SF_BUFFER_EMPTY;
    const order_event *event;

    sf_buffer_add_text(&json, "{\"eventType\":\"OrderCreated\",\"payload\":{\"id\":1,"
                              "\"customerId\":1,\"items\":[");
    for (int i = 1; i <= ORDER_EVENT_LINES_MAX; i++)
        sf_buffer_printf(&json, "%s{\"productId\":%d,\"quantity\":1,\"price\":\"%d.05\"}",
                         i > 1 ? "," : "", i, i);
    sf_buffer_add_text(&json, "]}}");
    event = event_of(*state, sf_buffer_text(&json));

    assert_int_equal(event->line_count, ORDER_EVENT_LINES_MAX);
    for (int i = 1; i <= ORDER_EVENT_LINES_MAX; i++) {
        assert_int_equal(event->lines[i - 1].product_id, i);
        assert_int_equal(event->lines[i - 1].price.minor, 100 * i + 5);
    }
    assert_bytes(order_event_status(event), "CREATED");
    sf_buffer_done(&json);
}

static void one_line_too_many_is_refused(void **state)
{
    sf_buffer json = SF_BUFFER_EMPTY;

    sf_buffer_add_text(&json, "{\"eventType\":\"OrderCreated\",\"payload\":{\"id\":1,"
                              "\"customerId\":1,\"items\":[");
    for (int i = 0; i <= ORDER_EVENT_LINES_MAX; i++)
        sf_buffer_printf(&json, "%s{\"productId\":1,\"quantity\":1,\"price\":1}", i ? "," : "");
    sf_buffer_add_text(&json, "]}}");

    assert_rejected(*state, sf_buffer_text(&json), "/payload/items/1000");
    sf_buffer_done(&json);
}

#define CREATED(payload) "{\"eventType\":\"OrderCreated\",\"payload\":" payload "}"
#define LINE(text) CREATED("{\"id\":1,\"customerId\":1,\"items\":[" text "]}")

static void nonsense_is_refused_with_the_name_of_the_member(void **state)
{
    sf_arena *arena = *state;

    assert_rejected(arena, "", "the text ends");
    assert_rejected(arena, "hello", "");
    assert_rejected(arena, "[]", "");
    assert_rejected(arena, "{}", "eventType");
    assert_rejected(arena, "{\"eventType\":\"OrderCreated\"}", "payload");
    assert_rejected(arena, "{\"eventType\":\"OrderDeleted\",\"payload\":{}}", "OrderDeleted");
    assert_rejected(arena, "{\"eventType\":5,\"payload\":{}}", "eventType");
    assert_rejected(arena, CREATED("{\"customerId\":1,\"items\":[]}"), "items");
    assert_rejected(arena, CREATED("{\"id\":1,\"items\":[]}"), "customerId");
    assert_rejected(arena, CREATED("null"), "payload");
    assert_rejected(arena, LINE("{\"productId\":1,\"quantity\":0,\"price\":1}"),
                    "/payload/items/0/quantity");
    assert_rejected(arena, LINE("{\"productId\":1,\"quantity\":-2,\"price\":1}"), "quantity");
    assert_rejected(arena, LINE("{\"productId\":1,\"quantity\":1.5,\"price\":1}"), "quantity");
    assert_rejected(arena, LINE("{\"productId\":1,\"quantity\":\"2\",\"price\":1}"), "quantity");
    assert_rejected(arena, LINE("{\"productId\":1,\"quantity\":1,\"price\":-1}"), "price");
    assert_rejected(arena, LINE("{\"productId\":1,\"quantity\":1,\"price\":1.005}"), "price");
    assert_rejected(arena, LINE("{\"productId\":1,\"quantity\":1,\"price\":1e30}"), "price");
    assert_rejected(arena, LINE("{\"productId\":0,\"quantity\":1,\"price\":1}"), "productId");
    assert_rejected(arena, LINE("{\"quantity\":1,\"price\":1}"), "productId");
    assert_rejected(arena, LINE("7"), "/payload/items/0");
    assert_rejected(arena, LINE("{\"productId\":1,\"productId\":2}"), "");
    assert_rejected(arena, "{\"eventType\":\"OrderUpdated\",\"payload\":{\"orderId\":1}}",
                    "newStatus");
    assert_rejected(arena, "{\"eventType\":\"OrderUpdated\",\"payload\":{\"newStatus\":\"PAID\"}}",
                    "id");
    assert_rejected(arena,
                    "{\"eventType\":\"OrderUpdated\",\"aggregateId\":2,"
                    "\"payload\":{\"orderId\":1,\"newStatus\":\"PAID\"}}",
                    "aggregateId");
    assert_rejected(arena,
                    "{\"eventType\":\"OrderUpdated\",\"schema\":2,"
                    "\"payload\":{\"orderId\":1,\"newStatus\":\"PAID\"}}",
                    "schema");
    assert_rejected(arena,
                    "{\"eventType\":\"OrderUpdated\",\"occurredAt\":\"1969-12-31T23:00:00Z\","
                    "\"payload\":{\"orderId\":1,\"newStatus\":\"PAID\"}}",
                    "occurredAt");
    assert_rejected(arena,
                    "{\"eventType\":\"OrderUpdated\",\"payload\":{\"orderId\":1,"
                    "\"newStatus\":\"PAID\"}} x",
                    "");
}

static void key_must_be_the_id(void **state)
{
    sf_error error;

    (void)state;
    assert_ok(event_check_key(sf_bytes_text("42"), 42, err));
    assert_int_equal(event_check_key(sf_bytes_text("042"), 42, &error), SF_REJECT);
    assert_int_equal(event_check_key(sf_bytes_text("7"), 42, &error), SF_REJECT);
    assert_non_null(strstr(error.text, "'7'"));
    assert_int_equal(event_check_key(SF_NULL, 42, &error), SF_REJECT);
    assert_non_null(strstr(error.text, "no key"));
}

static void event_from_the_future_is_refused(void **state)
{
    int64_t time_ms;
    sf_error error;

    (void)state;
    assert_ok(event_time(1000 + EVENT_FUTURE_MAX_MS, 1000, &time_ms, err));
    assert_int_equal(time_ms, 1000 + EVENT_FUTURE_MAX_MS);
    assert_int_equal(event_time(1001 + EVENT_FUTURE_MAX_MS, 1000, &time_ms, &error), SF_REJECT);
    assert_non_null(strstr(error.text, "future-timestamp"));
    assert_ok(event_time(EVENT_TIME_UNKNOWN, 1000, &time_ms, err));
    assert_int_equal(time_ms, 1000);
}

#define with_arena(test) cmocka_unit_test_setup_teardown(test, make_arena, free_arena)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        with_arena(golden_creation_is_read),
        with_arena(golden_status_is_read),
        with_arena(events_of_older_writers_are_read),
        with_arena(members_come_in_any_order),
        with_arena(time_may_be_milliseconds),
        with_arena(many_lines_are_kept_in_order),
        with_arena(one_line_too_many_is_refused),
        with_arena(nonsense_is_refused_with_the_name_of_the_member),
        cmocka_unit_test(key_must_be_the_id),
        cmocka_unit_test(event_from_the_future_is_refused),
    };

    return run_tests(tests);
}
