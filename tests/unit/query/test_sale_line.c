#include "check.h"

#include <limits.h>
#include <string.h>

#include <stateful/arena.h>

#include "state/sale_line.h"

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

static void id_travels_in_decimal_digits(void **state)
{
    static const struct {
        int64_t id;
        const char *digits;
    } cases[] = {{1, "1"}, {10, "10"}, {INT64_C(9007199254740991), "9007199254740991"}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sf_bytes wire, id;

        assert_ok(sf_serde_encode(&decimal_id_serde, sf_bytes_of(&cases[i].id, sizeof(int64_t)),
                                  *state, &wire, err));
        assert_bytes(wire, cases[i].digits);
        assert_ok(sf_serde_decode(&decimal_id_serde, wire, *state, &id, err));
        assert_true(sf_bytes_to_int64(id) == cases[i].id);
    }
}

static void other_keys_are_no_ids(void **state)
{
    static const char *const keys[] = {"", "x", "-1", "1 ", "99999999999999999999"};
    sf_bytes id;

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_int_equal(
            sf_serde_decode(&decimal_id_serde, sf_bytes_text(keys[i]), *state, &id, NULL),
            SF_REJECT);
}

static void line_change_travels_whole(void **state)
{
    line_change line = {3, 4, {.amount.minor = -500, .lines = -1}, {7}, -2, -1};
    sf_bytes wire, read;

    assert_ok(
        sf_serde_encode(&line_change_serde, sf_bytes_of(&line, sizeof line), *state, &wire, err));
    assert_int_equal(wire.size, 56);
    assert_ok(sf_serde_decode(&line_change_serde, wire, *state, &read, err));
    assert_memory_equal(read.data, &line, sizeof line);
    assert_int_equal(
        sf_serde_decode(&line_change_serde, sf_bytes_of(wire.data, 55), *state, &read, NULL),
        SF_REJECT);
}

static void keys_sort_by_product_then_time(void **state)
{
    static const sale_key keys[] = {{1, 5, 9, 9},   {1, 300, 1, 0}, {1, 300, 1, 1},
                                    {1, 300, 2, 0}, {2, 0, 0, 0},   {10, 0, 0, 0}};
    uint8_t before[SALE_KEY_SIZE], now[SALE_KEY_SIZE];

    (void)state;
    sale_key_write(&keys[0], before);
    for (size_t i = 1; i < sizeof keys / sizeof *keys; i++) {
        sale_key_write(&keys[i], now);
        assert_true(memcmp(before, now, sizeof now) < 0);
        memcpy(before, now, sizeof now);
    }
}

static void booked_sale_survives_its_bytes(void **state)
{
    uint8_t bytes[BOOKED_SALE_SIZE_MAX];
    booked_sale sale = {.amount.minor = 1999, .category = sf_bytes_text("Books")}, read;
    sf_error error;

    (void)state;
    assert_ok(booked_sale_read(booked_sale_write(&sale, bytes), &read, err));
    assert_int_equal(read.amount.minor, 1999);
    assert_bytes(read.category, "Books");
    assert_int_equal(booked_sale_read(sf_bytes_of(bytes, 8), &read, &error), SF_STOP);
    assert_int_equal(error.code, SF_CORRUPT);
}

static void totals_never_wrap(void **state)
{
    sales_total total = {.amount.minor = INT64_MAX - 5, .lines = 1};

    (void)state;
    assert_true(sales_total_add(&total, (sales_total){.amount.minor = 5, .lines = 1}));
    assert_false(sales_total_add(&total, (sales_total){.amount.minor = 1, .lines = 1}));
    assert_true(total.amount.minor == INT64_MAX);
    assert_int_equal(total.lines, 2);
}

static void total_is_16_bytes(void **state)
{
    static const uint8_t expected[] = {0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};
    sales_total total = {.amount.minor = 65536, .lines = 2}, read;
    sf_bytes wire;

    assert_ok(
        sf_serde_encode(&sales_total_serde, sf_bytes_of(&total, sizeof total), *state, &wire, err));
    assert_int_equal(wire.size, sizeof expected);
    assert_memory_equal(wire.data, expected, sizeof expected);
    assert_ok(sales_total_decode(wire, &read, err));
    assert_int_equal(read.amount.minor, 65536);
    assert_ok(sales_total_decode(SF_NULL, &read, err));
    assert_int_equal(read.amount.minor, 0);
    assert_int_equal(sales_total_decode(sf_bytes_of(wire.data, 15), &read, NULL), SF_STOP);
}

#define with_arena(test) cmocka_unit_test_setup_teardown(test, make_arena, free_arena)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        with_arena(id_travels_in_decimal_digits),
        with_arena(other_keys_are_no_ids),
        with_arena(line_change_travels_whole),
        cmocka_unit_test(keys_sort_by_product_then_time),
        cmocka_unit_test(booked_sale_survives_its_bytes),
        cmocka_unit_test(totals_never_wrap),
        with_arena(total_is_16_bytes),
    };

    return run_tests(tests);
}
