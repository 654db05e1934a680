#include "check.h"

#include <string.h>

#include <stateful/arena.h>

#include "base/buffer.h"
#include "base/file.h"
#include "events/product_event.h"

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

static sf_status read_event(sf_arena *arena, sf_bytes json, const product_event **event,
                            sf_error *err)
{
    sf_bytes value = SF_NULL;
    sf_status status = sf_serde_decode(&product_event_serde, json, arena, &value, err);

    *event = (const product_event *)value.data;
    return status;
}

static const product_event *golden(sf_arena *arena, const char *path)
{
    sf_buffer json = SF_BUFFER_EMPTY;
    const product_event *event;

    assert_ok(sf_file_read(path, &json, err));
    assert_ok(read_event(arena, sf_arena_copy(arena, sf_buffer_bytes(&json)), &event, err));
    sf_buffer_done(&json);
    return event;
}

static sf_bytes category(const product_event *event)
{
    return sf_bytes_of(event->category, event->category_size);
}

static void golden_creation_is_read(void **state)
{
    const product_event *event = golden(*state, "tests/data/events/product_created.json");

    assert_true(event->is_creation);
    assert_int_equal(event->product_id, 1);
    assert_int_equal(event->version, 1);
    assert_true(event->occurred_at == INT64_C(1772182800120));
    assert_bytes(category(event), "Electronics");
}

static void golden_update_is_read(void **state)
{
    const product_event *event = golden(*state, "tests/data/events/product_updated.json");

    assert_false(event->is_creation);
    assert_int_equal(event->version, 2);
    assert_bytes(category(event), "Computers");
}

static void event_of_an_older_writer_is_read(void **state)
{
    const product_event *event = golden(*state, "tests/data/events/plain_product_created.json");

    assert_int_equal(event->version, 0);
    assert_int_equal(event->occurred_at, EVENT_TIME_UNKNOWN);
    assert_bytes(category(event), "Electronics");
}

static void name_and_price_may_be_anything(void **state)
{
    const product_event *event;

    assert_ok(read_event(*state,
                         sf_bytes_text("{\"eventType\":\"ProductUpdated\",\"version\":null,"
                                       "\"payload\":{\"id\":3,\"name\":null,\"price\":0.123456,"
                                       "\"category\":\"B\\u00fccher & mehr\"}}"),
                         &event, err));

    assert_bytes(category(event), "B\xc3\xbc"
                                  "cher & mehr");
}

static void nonsense_is_refused_with_the_name_of_the_member(void **state)
{
    static const char *const cases[][2] = {
        {"{\"eventType\":\"OrderCreated\",\"payload\":{\"id\":1,\"category\":\"A\"}}",
         "OrderCreated"},
        {"{\"eventType\":\"ProductCreated\",\"payload\":{\"category\":\"A\"}}", "id"},
        {"{\"eventType\":\"ProductCreated\",\"payload\":{\"id\":1}}", "category"},
        {"{\"eventType\":\"ProductCreated\",\"payload\":{\"id\":1,\"category\":\"\"}}", "category"},
        {"{\"eventType\":\"ProductCreated\",\"payload\":{\"id\":1,\"category\":7}}", "category"},
        {"{\"eventType\":\"ProductCreated\",\"payload\":{\"id\":1,\"category\":\"\\u0000\"}}", ""},
        {"{\"eventType\":\"ProductCreated\",\"payload\":{\"id\":1e20,\"category\":\"A\"}}", "id"},
        {"{\"eventType\":\"ProductCreated\",\"aggregateId\":2,\"payload\":{\"id\":1,"
         "\"category\":\"A\"}}",
         "aggregateId"},
        {"{\"eventType\":\"ProductCreated\",\"payload\":{\"id\":1,\"category\":\"A\"}", ""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const product_event *event;
        sf_error err = {0};

        if (read_event(*state, sf_bytes_text(cases[i][0]), &event, &err) != SF_REJECT ||
            !strstr(err.text, cases[i][1]))
            fail_msg("%s: '%s'", cases[i][0], err.text);
    }
}

#define with_arena(test) cmocka_unit_test_setup_teardown(test, make_arena, free_arena)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        with_arena(golden_creation_is_read),
        with_arena(golden_update_is_read),
        with_arena(event_of_an_older_writer_is_read),
        with_arena(name_and_price_may_be_anything),
        with_arena(nonsense_is_refused_with_the_name_of_the_member),
    };

    return run_tests(tests);
}
