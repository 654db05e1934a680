#include "fleet/gaps.h"

#include <string.h>

#include "check.h"
#include "service/exchange.h"

static void add(gaps *missing, sf_arena *arena, int32_t partition, const char *instance)
{
    gaps_add(missing, arena,
             &(gap){.partition = partition,
                    .instance = instance,
                    .reason = "is away",
                    .restore_remaining = partition == 1 ? 12 : -1});
}

static void an_answer_says_what_it_lacks(void **state)
{
    sf_arena *arena = sf_arena_new();
    sf_buffer text = SF_BUFFER_EMPTY;
    gaps missing = {.store = "orders-store"};
    sf_json_writer json;

    (void)state;
    add(&missing, arena, 1, "a:1");
    add(&missing, arena, 3, "");
    sf_json_writer_init(&json, &text);
    sf_json_write_object(&json, NULL);
    gaps_write(&missing, &json);
    sf_json_write_end_object(&json);

    assert_string_equal(
        sf_buffer_text(&text),
        "{\"partial\":true,\"missing\":["
        "{\"store\":\"orders-store\",\"partition\":1,\"instance\":\"a:1\",\"reason\":\"is away\","
        "\"restoreRemaining\":12},"
        "{\"store\":\"orders-store\",\"partition\":3,\"instance\":null,\"reason\":\"is away\"}]}");
    sf_buffer_done(&text);
    sf_arena_free(arena);
}

static void an_answer_that_lacks_nothing_says_nothing(void **state)
{
    sf_buffer text = SF_BUFFER_EMPTY;
    sf_json_writer json;

    (void)state;
    sf_json_writer_init(&json, &text);
    gaps_write(&(gaps){.store = "orders-store"}, &json);
    assert_int_equal(text.size, 0);
    sf_buffer_done(&text);
}

static void a_bare_array_says_it_in_headers(void **state)
{
    sf_exchange *exchange = sf_exchange_new("GET", "/", SF_NULL);
    sf_reply *reply = sf_exchange_reply(exchange);
    sf_arena *arena = sf_arena_new();
    gaps missing = {.store = "s"};

    (void)state;
    gaps_tell(&missing, reply);
    assert_null(sf_exchange_header(exchange, "Missing-Partitions"));
    for (int32_t i = 0; i < 9; i++)
        add(&missing, arena, i, i % 3 == 0 ? "" : i % 3 == 1 ? "b:1" : "a:1");
    gaps_tell(&missing, reply);
    assert_string_equal(sf_exchange_header(exchange, "Missing-Partitions"), "0,1,2,3,4,5,6,7,8");
    assert_string_equal(sf_exchange_header(exchange, "Missing-Instances"), "b:1,a:1");
    sf_exchange_free(exchange);
    sf_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_says_what_it_lacks),
        cmocka_unit_test(an_answer_that_lacks_nothing_says_nothing),
        cmocka_unit_test(a_bare_array_says_it_in_headers),
    };

    return run_tests(tests);
}
