#include <stateful/serde.h>

#include <string.h>

#include "base/memory.h"
#include "check.h"

static void assert_on_the_wire(const sf_serde *serde, const void *value, size_t size,
                               const char *expected)
{
    sf_arena *arena = sf_arena_new();
    sf_bytes wire, back;

    assert_ok(sf_serde_encode(serde, sf_bytes_of(value, size), arena, &wire, err));
    assert_int_equal(wire.size, size);
    assert_memory_equal(wire.data, expected, size);
    assert_ok(sf_serde_decode(serde, wire, arena, &back, err));
    assert_int_equal(back.size, size);
    assert_memory_equal(back.data, value, size);
    sf_arena_free(arena);
}

static void numbers_are_big_endian_on_the_wire(void **state)
{
    int32_t small = -2;
    int64_t large = 0x0102030405060708;
    double real = 1.5;

    (void)state;
    assert_on_the_wire(&sf_int32_serde, &small, 4, "\xff\xff\xff\xfe");
    assert_on_the_wire(&sf_int64_serde, &large, 8, "\1\2\3\4\5\6\7\x8");
    assert_on_the_wire(&sf_double_serde, &real, 8, "\x3f\xf8\0\0\0\0\0\0");
}

static void texts_and_bytes_pass_as_they_are(void **state)
{
    static const sf_serde *const serdes[] = {&sf_string_serde, &sf_bytes_serde, NULL};
    sf_arena *arena = sf_arena_new();

    (void)state;
    for (size_t i = 0; i < SF_ARRAY_LENGTH(serdes); i++) {
        sf_bytes text = sf_bytes_text("text"), wire;

        assert_ok(sf_serde_encode(serdes[i], text, arena, &wire, err));
        assert_ptr_equal(wire.data, text.data);
        assert_ok(sf_serde_decode(serdes[i], text, arena, &wire, err));
        assert_ptr_equal(wire.data, text.data);
    }
    sf_arena_free(arena);
}

static void null_passes_by_untouched(void **state)
{
    sf_arena *arena = sf_arena_new();
    sf_bytes result = sf_bytes_text("x");

    (void)state;
    assert_ok(sf_serde_decode(&sf_int64_serde, SF_NULL, arena, &result, err));
    assert_true(sf_bytes_is_null(result));
    assert_ok(sf_serde_encode(&sf_int64_serde, SF_NULL, arena, &result, err));
    assert_true(sf_bytes_is_null(result));
    sf_arena_free(arena);
}

static void wrong_sizes_are_rejected_by_name(void **state)
{
    sf_arena *arena = sf_arena_new();
    sf_error error = {0};
    sf_bytes result;

    (void)state;
    assert_int_equal(
        sf_serde_decode(&sf_int64_serde, sf_bytes_text("seven.."), arena, &result, &error),
        SF_REJECT);
    assert_string_equal(error.text, "int64 wants 8 bytes, not 7");
    assert_int_equal(sf_serde_encode(&sf_int32_serde, sf_bytes_text(""), arena, &result, &error),
                     SF_REJECT);
    sf_arena_free(arena);
}

static void int64_goes_in_flight_and_back(void **state)
{
    sf_arena *arena = sf_arena_new();

    (void)state;
    assert_true(sf_bytes_to_int64(sf_bytes_from_int64(INT64_MIN, arena)) == INT64_MIN);
    assert_int_equal(sf_bytes_to_int64(SF_NULL), 0);
    sf_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_big_endian_on_the_wire),
        cmocka_unit_test(texts_and_bytes_pass_as_they_are),
        cmocka_unit_test(null_passes_by_untouched),
        cmocka_unit_test(wrong_sizes_are_rejected_by_name),
        cmocka_unit_test(int64_goes_in_flight_and_back),
    };

    return run_tests(tests);
}
