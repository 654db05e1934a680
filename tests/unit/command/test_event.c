#include "domain/event.h"

#include <string.h>

#include "base/memory.h"
#include "check.h"

static struct event sample(void)
{
    return (struct event){
        .event_id = "0b9f6f2e-5a55-4a51-9f0c-6d1c9f2b7a10",
        .event_type = "OrderCreated",
        .aggregate_type = "order",
        .aggregate_id = 17,
        .version = 1,
        .schema = 1,
        .occurred_at_ms = INT64_C(1772184600123),
        .payload =
            sf_bytes_text("{\"id\":17,\"customerId\":1,\"status\":\"CREATED\",\"items\":[]}"),
    };
}

static void assert_header(const sf_record *record, const char *name, const char *value)
{
    const sf_header *header = sf_headers_last(record->headers, name);

    if (!header)
        fail_msg("there is no header %s", name);
    else
        assert_bytes(header->value, value);
}

static void the_value_is_the_envelope_with_the_payload_as_it_stands(void **state)
{
    sf_arena *arena = sf_arena_new();
    struct event event = sample();
    sf_record record = event_record(&event, arena);

    (void)state;
    assert_bytes(record.value,
                 "{\"eventType\":\"OrderCreated\","
                 "\"payload\":{\"id\":17,\"customerId\":1,\"status\":\"CREATED\",\"items\":[]},"
                 "\"eventId\":\"0b9f6f2e-5a55-4a51-9f0c-6d1c9f2b7a10\",\"aggregateId\":17,"
                 "\"version\":1,\"occurredAt\":\"2026-02-27T09:30:00.123Z\",\"schema\":1}");
    assert_bytes(record.key, "17");
    assert_int_equal(record.timestamp, INT64_C(1772184600123));
    sf_arena_free(arena);
}

static void the_headers_are_those_of_cloud_events(void **state)
{
    sf_arena *arena = sf_arena_new();
    struct event event = sample();
    sf_record record = event_record(&event, arena);

    (void)state;
    assert_int_equal(record.headers.count, 8);
    assert_header(&record, "content-type", "application/json");
    assert_header(&record, "ce_specversion", "1.0");
    assert_header(&record, "ce_id", "0b9f6f2e-5a55-4a51-9f0c-6d1c9f2b7a10");
    assert_header(&record, "ce_type", "com.example.ecommerce.order.created.v1");
    assert_header(&record, "ce_source", "/command-service");
    assert_header(&record, "ce_time", "2026-02-27T09:30:00.123Z");
    assert_header(&record, "ce_subject", "order/17");
    assert_header(&record, "ce_partitionkey", "17");
    sf_arena_free(arena);
}

static void each_type_has_its_name_in_cloud_events(void **state)
{
    static const char *const names[][2] = {
        {"ProductCreated", "com.example.ecommerce.product.created.v1"},
        {"ProductUpdated", "com.example.ecommerce.product.updated.v1"},
        {"CustomerCreated", "com.example.ecommerce.customer.created.v1"},
        {"CustomerUpdated", "com.example.ecommerce.customer.updated.v1"},
        {"OrderCreated", "com.example.ecommerce.order.created.v1"},
        {"OrderStatusUpdated", "com.example.ecommerce.order.status-updated.v1"},
    };
    sf_arena *arena = sf_arena_new();

    (void)state;
    for (size_t i = 0; i < SF_ARRAY_LENGTH(names); i++) {
        struct event event = sample();
        sf_record record;

        event.event_type = names[i][0];
        record = event_record(&event, arena);
        assert_header(&record, "ce_type", names[i][1]);
    }
    sf_arena_free(arena);
}

static void where_a_request_came_from_travels_along(void **state)
{
    static const char trace[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    sf_arena *arena = sf_arena_new();
    event_origin origin = {
        .traceparent = trace,
        .tracestate = "vendor=1",
        .correlation_id = "cart \"7\"",
        .causation_id = "key-1",
    };
    struct event event = sample();
    sf_record record;

    (void)state;
    event.headers = sf_bytes_text(event_headers_json(&origin, arena));
    record = event_record(&event, arena);

    assert_int_equal(record.headers.count, 12);
    assert_header(&record, "traceparent", trace);
    assert_header(&record, "tracestate", "vendor=1");
    assert_header(&record, "correlationid", "cart \"7\"");
    assert_header(&record, "causationid", "key-1");
    sf_arena_free(arena);
}

static void a_request_that_says_nothing_adds_no_headers(void **state)
{
    sf_arena *arena = sf_arena_new();
    event_origin origin = {0};

    (void)state;
    assert_null(event_headers_json(&origin, arena));
    sf_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_value_is_the_envelope_with_the_payload_as_it_stands),
        cmocka_unit_test(the_headers_are_those_of_cloud_events),
        cmocka_unit_test(each_type_has_its_name_in_cloud_events),
        cmocka_unit_test(where_a_request_came_from_travels_along),
        cmocka_unit_test(a_request_that_says_nothing_adds_no_headers),
    };

    return run_tests(tests);
}
