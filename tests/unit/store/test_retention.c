#include "check.h"

#include "store/retention.h"

static sf_retention of(sf_store_kind kind, int64_t ms, bool in_memory)
{
    sf_store_options options = {.kind = kind, .retention_ms = ms, .in_memory = in_memory};

    return sf_retention_of(&options);
}

static void windows_are_shown_that_begin_less_than_the_retention_ago(void **state)
{
    sf_retention retention = of(SF_WINDOW_STORE, 100, false);

    (void)state;
    assert_int_equal(sf_retention_first_shown(&retention, -1), 0);
    assert_int_equal(sf_retention_first_shown(&retention, 99), 0);
    assert_int_equal(sf_retention_first_shown(&retention, 100), 1);
    assert_int_equal(sf_retention_first_kept(&retention, 500), 401);
}

static void ordered_by_time_on_disk_the_edge_is_shown_too(void **state)
{
    sf_store_options options = {.kind = SF_WINDOW_STORE, .retention_ms = 100, .time_index = true};
    sf_retention on_disk = sf_retention_of(&options);
    sf_retention in_memory;

    (void)state;
    options.in_memory = true;
    in_memory = sf_retention_of(&options);
    assert_int_equal(sf_retention_first_shown(&on_disk, 500), 400);
    assert_int_equal(sf_retention_first_shown(&in_memory, 500), 401);
}

static void puts_on_disk_expire_by_segments_of_a_minute_or_half_the_retention(void **state)
{
    sf_retention brief = of(SF_WINDOW_STORE, 100, false);
    sf_retention lasting = of(SF_WINDOW_STORE, 400000, false);

    (void)state;
    assert_false(sf_retention_is_expired(&brief, 60099, 0));
    assert_true(sf_retention_is_expired(&brief, 60100, 59999));
    assert_false(sf_retention_is_expired(&brief, 60100, 60000));
    assert_false(sf_retention_is_expired(&lasting, 599999, 0));
    assert_true(sf_retention_is_expired(&lasting, 600000, 199999));
}

static void puts_in_memory_expire_with_what_is_shown(void **state)
{
    sf_retention retention = of(SF_WINDOW_STORE, 100, true);

    (void)state;
    assert_true(sf_retention_is_expired(&retention, 500, 400));
    assert_false(sf_retention_is_expired(&retention, 500, 401));
}

static void sessions_on_disk_are_kept_as_long_as_their_segment(void **state)
{
    sf_retention on_disk = of(SF_SESSION_STORE, 100, false);
    sf_retention in_memory = of(SF_SESSION_STORE, 100, true);

    (void)state;
    assert_int_equal(sf_retention_first_shown(&on_disk, 130000), 129901);
    assert_int_equal(sf_retention_first_kept(&on_disk, 130000), 120000);
    assert_int_equal(sf_retention_first_kept(&in_memory, 130000), 129901);
}

static void without_a_retention_nothing_goes(void **state)
{
    sf_retention retention = of(SF_SESSION_STORE, 0, false);

    (void)state;
    assert_int_equal(sf_retention_first_shown(&retention, INT64_MAX), 0);
    assert_int_equal(sf_retention_first_kept(&retention, INT64_MAX), 0);
    assert_false(sf_retention_is_expired(&retention, INT64_MAX, 0));
}

static void a_history_of_nothing_keeps_no_version_that_is_over(void **state)
{
    sf_store_options options = {.kind = SF_VERSIONED_STORE};
    sf_retention retention = sf_retention_of(&options);

    (void)state;
    assert_int_equal(sf_retention_first_kept(&retention, 10), 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_are_shown_that_begin_less_than_the_retention_ago),
        cmocka_unit_test(ordered_by_time_on_disk_the_edge_is_shown_too),
        cmocka_unit_test(puts_on_disk_expire_by_segments_of_a_minute_or_half_the_retention),
        cmocka_unit_test(puts_in_memory_expire_with_what_is_shown),
        cmocka_unit_test(sessions_on_disk_are_kept_as_long_as_their_segment),
        cmocka_unit_test(without_a_retention_nothing_goes),
        cmocka_unit_test(a_history_of_nothing_keeps_no_version_that_is_over),
    };

    return run_tests(tests);
}
