#include "journal/key_offsets.h"

#include <stdio.h>

#include <stateful/broker.h>

#include "check.h"

enum { KEYS = 1000 };

static const sf_log_target HERE = {1, 0};

static sf_bytes key_of(int number)
{
    static char text[24];

    return sf_bytes_of(text, (size_t)snprintf(text, sizeof(text), "key-%d", number));
}

static void the_newest_offset_of_each_key_is_told(void **state)
{
    sf_key_offsets *offsets = sf_key_offsets_new(KEYS);

    (void)state;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < KEYS; i++)
            assert_true(sf_key_offsets_put(offsets, HERE, key_of(i), round * KEYS + i));
    }
    for (int i = 0; i < KEYS; i++)
        assert_int_equal(sf_key_offsets_get(offsets, HERE, key_of(i)), 2 * KEYS + i);
    assert_int_equal(sf_key_offsets_get(offsets, HERE, key_of(KEYS)), SF_OFFSET_NONE);
    sf_key_offsets_free(offsets);
}

static void a_key_is_another_one_in_another_partition_or_topic(void **state)
{
    sf_key_offsets *offsets = sf_key_offsets_new(3);

    (void)state;
    assert_true(sf_key_offsets_put(offsets, HERE, key_of(1), 10));
    assert_true(sf_key_offsets_put(offsets, (sf_log_target){1, 1}, key_of(1), 20));
    assert_true(sf_key_offsets_put(offsets, (sf_log_target){2, 0}, key_of(1), 30));
    assert_int_equal(sf_key_offsets_get(offsets, HERE, key_of(1)), 10);
    assert_int_equal(sf_key_offsets_get(offsets, (sf_log_target){1, 1}, key_of(1)), 20);
    assert_int_equal(sf_key_offsets_get(offsets, (sf_log_target){2, 0}, key_of(1)), 30);
    assert_int_equal(sf_key_offsets_get(offsets, (sf_log_target){2, 1}, key_of(1)), SF_OFFSET_NONE);
    sf_key_offsets_free(offsets);
}

static void a_full_table_takes_what_it_knows_and_nothing_new(void **state)
{
    sf_key_offsets *offsets = sf_key_offsets_new(KEYS);
    int taken = 0;

    (void)state;
    while (sf_key_offsets_put(offsets, HERE, key_of(taken), taken))
        taken++;
    assert_in_range(taken, KEYS, KEYS + 4);
    assert_true(sf_key_offsets_put(offsets, HERE, key_of(0), 5000));
    assert_int_equal(sf_key_offsets_get(offsets, HERE, key_of(0)), 5000);
    assert_int_equal(sf_key_offsets_get(offsets, HERE, key_of(taken)), SF_OFFSET_NONE);

    sf_key_offsets_grow(offsets);
    assert_true(sf_key_offsets_put(offsets, HERE, key_of(taken), taken));
    for (int i = 1; i <= taken; i++)
        assert_int_equal(sf_key_offsets_get(offsets, HERE, key_of(i)), i);
    sf_key_offsets_free(offsets);
}

static void what_fits_into_memory_takes_no_more_than_that(void **state)
{
    (void)state;
    assert_int_equal(sf_key_offsets_keys_in(0), 0);
    assert_in_range(sf_key_offsets_keys_in(32 * 1024 * 1024), 780000, 32 * 1024 * 1024 / 42);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_offset_of_each_key_is_told),
        cmocka_unit_test(a_key_is_another_one_in_another_partition_or_topic),
        cmocka_unit_test(a_full_table_takes_what_it_knows_and_nothing_new),
        cmocka_unit_test(what_fits_into_memory_takes_no_more_than_that),
    };

    return run_tests(tests);
}
