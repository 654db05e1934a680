#include "base/map.h"

#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "check.h"

enum { KEYS = 300, STEPS = 20000 };

static sf_bytes key_of(char text[16], uint64_t number)
{
    return sf_bytes_of(text, (size_t)snprintf(text, 16, "key-%d", (int)number));
}

static void map_does_as_an_array_of_all_keys(void **state)
{
    void *values[KEYS] = {0};
    sf_map *map = sf_map_new();
    size_t count = 0;
    sf_random random;

    (void)state;
    sf_random_init(&random, 42);
    for (int step = 0; step < STEPS; step++) {
        uint64_t number = sf_random_below(&random, KEYS);
        char text[16];
        sf_bytes key = key_of(text, number);
        void *value = &values[sf_random_below(&random, KEYS)];

        if (sf_random_below(&random, 2)) {
            assert_ptr_equal(sf_map_put(map, key, value), values[number]);
            count += !values[number];
            values[number] = value;
        } else {
            assert_ptr_equal(sf_map_remove(map, key), values[number]);
            count -= values[number] != NULL;
            values[number] = NULL;
        }
        assert_int_equal(sf_map_count(map), count);
        number = sf_random_below(&random, KEYS);
        assert_ptr_equal(sf_map_get(map, key_of(text, number)), values[number]);
    }
    sf_map_free(map);
}

static void next_visits_each_pair_once(void **state)
{
    int seen[KEYS] = {0};
    sf_map *map = sf_map_new();
    size_t position = 0;
    sf_bytes key;
    void *value;
    char text[16];

    (void)state;
    for (uint64_t i = 0; i < KEYS; i++)
        (void)sf_map_put(map, key_of(text, i), &seen[i]);
    while (sf_map_next(map, &position, &key, &value)) {
        assert_true(sf_bytes_equal(key, key_of(text, (uint64_t)((int *)value - seen))));
        ++*(int *)value;
    }

    for (int i = 0; i < KEYS; i++)
        assert_int_equal(seen[i], 1);
    sf_map_free(map);
}

static void keys_are_copied_and_may_be_empty(void **state)
{
    sf_map *map = sf_map_new();
    char key[] = "key";
    int value;

    (void)state;
    (void)sf_map_put(map, sf_bytes_text(key), &value);
    (void)sf_map_put(map, sf_bytes_of("", 0), &key);
    key[0] = 'x';

    assert_ptr_equal(sf_map_get(map, sf_bytes_text("key")), &value);
    assert_null(sf_map_get(map, sf_bytes_text("xey")));
    assert_ptr_equal(sf_map_get(map, sf_bytes_of("", 0)), &key);
    sf_map_free(map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(map_does_as_an_array_of_all_keys),
        cmocka_unit_test(next_visits_each_pair_once),
        cmocka_unit_test(keys_are_copied_and_may_be_empty),
    };

    return run_tests(tests);
}
