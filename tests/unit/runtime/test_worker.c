#include "runtime/worker.h"

#include "check.h"

static int64_t interval_after(int64_t took_us, const sf_config *config)
{
    const sf_worker worker = {.options.config = config, .commit_took_us = took_us};

    return sf_worker_idle_interval_ms(&worker);
}

static void quick_commits_of_an_idle_worker_are_frequent(void **test)
{
    const sf_config config = {.commit_interval_ms = 100};

    (void)test;
    assert_int_equal(interval_after(0, &config), 1);
    assert_int_equal(interval_after(900, &config), 3);
    assert_int_equal(interval_after(2000, &config), 7);
    assert_int_equal(interval_after(14000, &config), 10);
}

static void an_idle_worker_commits_no_later_than_a_busy_one(void **test)
{
    const sf_config config = {.commit_interval_ms = 5};

    (void)test;
    assert_int_equal(interval_after(14000, &config), 5);
}

static void an_interval_that_was_set_holds(void **test)
{
    const sf_config config = {.commit_interval_ms = 100, .commit_min_interval_ms = 50};

    (void)test;
    assert_int_equal(interval_after(0, &config), 50);
    assert_int_equal(interval_after(80000, &config), 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quick_commits_of_an_idle_worker_are_frequent),
        cmocka_unit_test(an_idle_worker_commits_no_later_than_a_busy_one),
        cmocka_unit_test(an_interval_that_was_set_holds),
    };

    return run_tests(tests);
}
