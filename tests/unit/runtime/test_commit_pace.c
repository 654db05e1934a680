#include "runtime/commit_pace.h"

#include "check.h"

static const sf_config usual = {.commit_interval_ms = 100};

/* Commits as often as the pace allows, each so long; the time when the last of them ended. */
static int64_t commit_often(sf_commit_pace *pace, const sf_config *config, int64_t now_us,
                            int64_t took_us, int count)
{
    for (int i = 0; i < count; i++) {
        now_us += sf_commit_pace_idle_wait_us(pace, config, now_us);
        sf_commit_pace_add(pace, now_us, now_us + took_us);
        now_us += took_us;
    }
    return now_us;
}

static void commits_in_a_row_do_not_wait_for_each_other(void **test)
{
    sf_commit_pace quick = {0}, slow = {0};

    (void)test;
    assert_int_equal(commit_often(&quick, &usual, 1000000, 2000, 8), 1000000 + 8 * 2000);
    assert_int_equal(commit_often(&slow, &usual, 1000000, 18000, 3), 1000000 + 3 * 18000);
}

static void commits_without_end_take_a_quarter_of_the_time(void **test)
{
    sf_commit_pace pace = {0};
    int64_t began = commit_often(&pace, &usual, 1000000, 2000, 100);
    int64_t ended = commit_often(&pace, &usual, began, 2000, 100);

    (void)test;
    assert_int_equal(ended - began, 100 * 4 * 2000);
}

static void slow_commits_are_ten_milliseconds_apart_at_most(void **test)
{
    sf_commit_pace pace = {0};
    int64_t began = commit_often(&pace, &usual, 1000000, 20000, 10);
    int64_t ended = commit_often(&pace, &usual, began, 20000, 10);

    (void)test;
    assert_int_equal(ended - began, 10 * (20000 + 10000));
}

static void what_is_owed_is_forgiven_with_time(void **test)
{
    sf_commit_pace pace = {0};
    int64_t now = commit_often(&pace, &usual, 1000000, 2000, 100);

    (void)test;
    assert_true(sf_commit_pace_idle_wait_us(&pace, &usual, now) > 0);
    now += 160000;
    assert_int_equal(commit_often(&pace, &usual, now, 2000, 26), now + 26 * 2000);
    assert_true(sf_commit_pace_idle_wait_us(&pace, &usual, now + 26 * 2000) > 0);
}

static void slow_commits_are_not_held_against_later_ones(void **test)
{
    sf_commit_pace pace = {0};
    int64_t now = commit_often(&pace, &usual, 1000000, 90000, 1000) + 160000;

    (void)test;
    assert_int_equal(commit_often(&pace, &usual, now, 2000, 26), now + 26 * 2000);
}

static void an_idle_thread_commits_no_later_than_a_busy_one(void **test)
{
    const sf_config config = {.commit_interval_ms = 5};
    sf_commit_pace pace = {0};
    int64_t now = commit_often(&pace, &config, 1000000, 14000, 10);

    (void)test;
    assert_int_equal(sf_commit_pace_idle_wait_us(&pace, &config, now), 5000);
}

static void an_interval_that_was_set_holds(void **test)
{
    const sf_config config = {.commit_interval_ms = 100, .commit_min_interval_ms = 50};
    sf_commit_pace pace = {0};

    (void)test;
    sf_commit_pace_add(&pace, 1000000, 1000100);
    assert_int_equal(sf_commit_pace_idle_wait_us(&pace, &config, 1000100), 50000);
    assert_int_equal(sf_commit_pace_idle_wait_us(&pace, &config, 1050100), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commits_in_a_row_do_not_wait_for_each_other),
        cmocka_unit_test(commits_without_end_take_a_quarter_of_the_time),
        cmocka_unit_test(slow_commits_are_ten_milliseconds_apart_at_most),
        cmocka_unit_test(what_is_owed_is_forgiven_with_time),
        cmocka_unit_test(slow_commits_are_not_held_against_later_ones),
        cmocka_unit_test(an_idle_thread_commits_no_later_than_a_busy_one),
        cmocka_unit_test(an_interval_that_was_set_holds),
    };

    return run_tests(tests);
}
