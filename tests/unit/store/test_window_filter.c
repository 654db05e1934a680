/* test_window_filter.c - what was told is never absent; what was not is, of the windows that are known. */
#include "check.h"

#include "base/random.h"
#include "store/window_filter.h"

enum { KEYS = 200000 };

static void nothing_is_known_before_it_begins(void **state)
{
    sf_window_filter filter = {0};

    (void)state;
    assert_false(sf_window_filter_has_begun(&filter));
    assert_false(sf_window_filter_is_absent(&filter, 100, 1));
    assert_int_equal(sf_window_filter_memory(&filter), 0);
}

static void windows_that_were_there_before_are_not_judged(void **state)
{
    sf_window_filter filter = {0};

    (void)state;
    sf_window_filter_begin(&filter, 100);
    assert_false(sf_window_filter_is_absent(&filter, 100, 1));
    assert_true(sf_window_filter_is_absent(&filter, 101, 1));
    sf_window_filter_end(&filter);
    assert_false(sf_window_filter_is_absent(&filter, 101, 1));
}

/* Keys over windows that go forward, each now and then late by some windows. */
static int64_t start_of(size_t number, sf_random *random)
{
    int64_t window = (int64_t)number / 3000;
    int64_t late = sf_random_below(random, 20) == 0 ? (int64_t)sf_random_below(random, 5) : 0;

    return (window > late ? window - late : 0) * 1000;
}

static void what_was_told_is_never_absent(void **state)
{
    sf_window_filter filter = {0};
    sf_random random, strange;
    size_t absent = 0;

    (void)state;
    sf_random_init(&random, 7);
    sf_random_init(&strange, 8);
    sf_window_filter_begin(&filter, -1);
    for (size_t i = 0; i < KEYS; i++) {
        int64_t start = start_of(i, &random);
        uint64_t hash = sf_random_next(&random);

        absent += sf_window_filter_is_absent(&filter, start, sf_random_next(&strange));
        sf_window_filter_tell(&filter, start, hash);
        assert_false(sf_window_filter_is_absent(&filter, start, hash));
    }

    sf_random_init(&random, 7);
    for (size_t i = 0; i < KEYS; i++) {
        int64_t start = start_of(i, &random);

        assert_false(sf_window_filter_is_absent(&filter, start, sf_random_next(&random)));
    }
    assert_true(absent > KEYS * 97 / 100); /* most of what is new is known to be */
    sf_window_filter_end(&filter);
}

static void one_window_of_many_keys_takes_bounded_memory(void **state)
{
    sf_window_filter filter = {0};
    sf_random random;

    (void)state;
    sf_random_init(&random, 9);
    sf_window_filter_begin(&filter, -1);
    for (int64_t window = 0; window < 10; window++)
        for (size_t i = 0; i < KEYS; i++)
            sf_window_filter_tell(&filter, window, sf_random_next(&random));

    assert_true(sf_window_filter_memory(&filter) <= 1024 * 1024);
    assert_true(sf_window_filter_is_absent(&filter, 10, 1)); /* the next one is known again */
    sf_window_filter_end(&filter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_known_before_it_begins),
        cmocka_unit_test(windows_that_were_there_before_are_not_judged),
        cmocka_unit_test(what_was_told_is_never_absent),
        cmocka_unit_test(one_window_of_many_keys_takes_bounded_memory),
    };

    return run_tests(tests);
}
