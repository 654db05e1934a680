/* windowed.c - windowed keys in flight and on the wire. */
#include <stateful/windowed.h>

#include <string.h>

#include "check.h"

static const sf_windowed_format hourly = {NULL, 3600000};

static void a_windowed_key_is_its_key_and_the_start_on_the_wire(void **state)
{
    sf_serde serde = sf_windowed_serde(&hourly);
    sf_arena *arena = sf_arena_new();
    sf_windowed ann = {sf_bytes_text("ann"), 0x0102, 0x0102 + 3600000};
    const sf_windowed *read;
    sf_bytes wire, back;

    (void)state;
    assert_ok(sf_serde_encode(&serde, sf_windowed_bytes(ann, arena), arena, &wire, err));
    assert_int_equal(wire.size, 11);
    assert_memory_equal(wire.data, "ann\0\0\0\0\0\0\1\2", 11);
    assert_ok(sf_serde_decode(&serde, wire, arena, &back, err));
    read = sf_windowed_of(back);
    assert_non_null(read);
    assert_bytes(read->key, "ann");
    assert_int_equal(read->start_ms, ann.start_ms);
    assert_int_equal(read->end_ms, ann.end_ms);
    sf_arena_free(arena);
}

static void a_session_is_its_key_the_end_and_the_start_on_the_wire(void **state)
{
    sf_serde serde = sf_session_windowed_serde(&hourly);
    sf_arena *arena = sf_arena_new();
    sf_windowed ann = {sf_bytes_text("ann"), 0x0102, 0x0304};
    const sf_windowed *read;
    sf_bytes wire, back;

    (void)state;
    assert_ok(sf_serde_encode(&serde, sf_windowed_bytes(ann, arena), arena, &wire, err));
    assert_int_equal(wire.size, 19);
    assert_memory_equal(wire.data, "ann\0\0\0\0\0\0\3\4\0\0\0\0\0\0\1\2", 19);
    assert_ok(sf_serde_decode(&serde, wire, arena, &back, err));
    read = sf_windowed_of(back);
    assert_non_null(read);
    assert_bytes(read->key, "ann");
    assert_int_equal(read->start_ms, ann.start_ms);
    assert_int_equal(read->end_ms, ann.end_ms);
    sf_arena_free(arena);
}

static void a_window_without_end_ends_with_time(void **state)
{
    static const sf_windowed_format endless = {NULL, INT64_MAX};
    sf_serde serde = sf_windowed_serde(&endless);
    sf_arena *arena = sf_arena_new();
    sf_windowed ann = {sf_bytes_text("ann"), 5, INT64_MAX};
    sf_bytes wire, back;

    (void)state;
    assert_ok(sf_serde_encode(&serde, sf_windowed_bytes(ann, arena), arena, &wire, err));
    assert_ok(sf_serde_decode(&serde, wire, arena, &back, err));
    assert_int_equal(sf_windowed_of(back)->end_ms, INT64_MAX);
    sf_arena_free(arena);
}

/* Bytes of a topic may say anything. */
static void a_window_that_begins_near_the_end_of_time_ends_with_it(void **state)
{
    static const sf_windowed_format format = {NULL, 1000};
    sf_serde serde = sf_windowed_serde(&format);
    sf_arena *arena = sf_arena_new();
    sf_windowed last = {sf_bytes_text("ann"), INT64_MAX - 10, INT64_MAX};
    sf_bytes wire, back;

    (void)state;
    assert_ok(sf_serde_encode(&serde, sf_windowed_bytes(last, arena), arena, &wire, err));
    assert_ok(sf_serde_decode(&serde, wire, arena, &back, err));
    assert_true(sf_windowed_of(back)->end_ms == INT64_MAX);
    sf_arena_free(arena);
}

static void the_inner_key_has_its_own_serde(void **state)
{
    static const sf_windowed_format numbered = {&sf_int32_serde, 10};
    sf_serde serde = sf_windowed_serde(&numbered);
    sf_arena *arena = sf_arena_new();
    int32_t number = 7;
    sf_windowed key = {sf_bytes_of(&number, sizeof(number)), 20, 30};
    sf_bytes wire;

    (void)state;
    assert_ok(sf_serde_encode(&serde, sf_windowed_bytes(key, arena), arena, &wire, err));
    assert_int_equal(wire.size, 12);
    assert_memory_equal(wire.data, "\0\0\0\7", 4);
    sf_arena_free(arena);
}

static void other_keys_are_refused(void **state)
{
    sf_serde serde = sf_windowed_serde(&hourly);
    sf_serde sessions = sf_session_windowed_serde(&hourly);
    sf_arena *arena = sf_arena_new();
    sf_bytes out;
    sf_error err;

    (void)state;
    assert_int_equal(sf_serde_decode(&serde, sf_bytes_text("short"), arena, &out, &err), SF_REJECT);
    assert_int_equal(sf_serde_encode(&serde, sf_bytes_text("plain"), arena, &out, &err), SF_STOP);
    assert_int_equal(sf_serde_decode(&sessions, sf_bytes_text("below 16 bytes"), arena, &out, &err),
                     SF_REJECT);
    assert_int_equal(sf_serde_encode(&sessions, sf_bytes_text("plain"), arena, &out, &err),
                     SF_STOP);
    assert_null(sf_windowed_of(sf_bytes_text("plain")));
    sf_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_windowed_key_is_its_key_and_the_start_on_the_wire),
        cmocka_unit_test(a_session_is_its_key_the_end_and_the_start_on_the_wire),
        cmocka_unit_test(a_window_without_end_ends_with_time),
        cmocka_unit_test(a_window_that_begins_near_the_end_of_time_ends_with_it),
        cmocka_unit_test(the_inner_key_has_its_own_serde),
        cmocka_unit_test(other_keys_are_refused),
    };

    return run_tests(tests);
}
