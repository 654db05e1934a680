/* foreign_key_messages.c - what goes round, and what nobody writes. */
#include <string.h>

#include "check.h"
#include "dsl/operators/foreign_key_messages.h"

enum { HASH_AT = 0, VALUE_FLAG_AT = 1 + SF_LONG_HASH_SIZE };

static sf_bytes answer_wire(const sf_serde *serde, sf_bytes value, sf_arena *arena)
{
    const sf_answer answer = {.hash = sf_row_hash_of(sf_bytes_text("row")), .value = value};
    sf_bytes wire;

    assert_ok(sf_serde_encode(serde, sf_answer_bytes(&answer, arena), arena, &wire, err));
    return wire;
}

static void answers_go_round(void **state)
{
    const sf_serde serde = sf_answer_serde(&sf_bytes_serde);
    const sf_bytes values[] = {sf_bytes_text("right"), sf_bytes_text(""), SF_NULL};
    sf_arena *arena = sf_arena_new();

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        sf_bytes back;

        assert_ok(
            sf_serde_decode(&serde, answer_wire(&serde, values[i], arena), arena, &back, err));
        assert_true(sf_bytes_equal(sf_answer_of(back)->value, values[i]));
    }
    sf_arena_free(arena);
}

static void refuse_answer(const sf_serde *serde, sf_bytes wire, size_t at, uint8_t byte)
{
    sf_arena *arena = sf_arena_new();
    sf_bytes changed = sf_arena_copy(arena, wire);
    sf_error error = {0};
    sf_bytes value;

    ((uint8_t *)changed.data)[at] = byte;
    assert_int_equal(sf_serde_decode(serde, changed, arena, &value, &error), SF_REJECT);
    assert_string_equal(error.text, "not an answer of a foreign-key join");
    sf_arena_free(arena);
}

static void answers_that_nobody_writes_are_refused(void **state)
{
    const sf_serde serde = sf_answer_serde(&sf_bytes_serde);
    sf_arena *arena = sf_arena_new();
    sf_bytes wire = answer_wire(&serde, sf_bytes_text("right"), arena);

    (void)state;
    refuse_answer(&serde, wire, HASH_AT, 2);
    refuse_answer(&serde, wire, VALUE_FLAG_AT, 2);
    refuse_answer(&serde, wire, VALUE_FLAG_AT, 0); /* no value, and yet its bytes */
    sf_arena_free(arena);
}

static void rows_of_subscriptions_that_nobody_writes_are_refused(void **state)
{
    sf_arena *arena = sf_arena_new();
    const sf_subscriber who = {.partition = 3, .hash = sf_row_hash_of(sf_bytes_text("row"))};
    sf_bytes key = sf_subscription_key(sf_bytes_text("right"), sf_bytes_text("left"), arena);
    sf_bytes value = sf_subscriber_encode(&who, arena);
    sf_subscriber read;

    (void)state;
    assert_true(sf_subscriber_decode(key, value, &read));
    assert_bytes(read.key, "left");
    assert_int_equal(read.partition, 3);

    assert_false(sf_subscriber_decode(key, sf_bytes_of(value.data, value.size - 1), &read));
    assert_false(sf_subscriber_decode(sf_bytes_of(key.data, 6), value, &read));
    ((uint8_t *)value.data)[HASH_AT] = 2;
    assert_false(sf_subscriber_decode(key, value, &read));
    sf_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_go_round),
        cmocka_unit_test(answers_that_nobody_writes_are_refused),
        cmocka_unit_test(rows_of_subscriptions_that_nobody_writes_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
