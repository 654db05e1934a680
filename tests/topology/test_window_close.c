/* Results on close: when they go out, in which order, how often, what a jump of stream time loses and
 * what a restart does not repeat. */
#include "check.h"
#include "support/driven_topology.h"

static sf_window hopping = {.size_ms = 10, .advance_ms = 5, .grace_ms = 5};

static driven_topology *counting(sf_grouped *(*windows)(sf_grouped *), sf_emit emit,
                                 int64_t retention_ms, const sf_test_driver_options *options)
{
    driven_topology *driven = driven_new();
    sf_grouped *grouped =
        sf_stream_group_by_key(sf_builder_stream(driven->builder, "in", NULL), NULL);
    sf_materialized kept = {.name = "counts", .retention_ms = retention_ms};

    grouped = sf_grouped_emit(windows(grouped), emit);
    sf_stream_to(sf_table_to_stream(sf_grouped_count_with(grouped, &kept)), "out");
    driven_start(driven, options);
    return driven;
}

static sf_grouped *by_time(sf_grouped *grouped)
{
    return sf_grouped_windowed(grouped, hopping);
}

static sf_grouped *by_tens(sf_grouped *grouped)
{
    return sf_grouped_windowed(grouped, (sf_window){.size_ms = 10});
}

static sf_grouped *by_slides(sf_grouped *grouped)
{
    return sf_grouped_sliding(grouped, (sf_sliding_window){.diff_ms = 10});
}

static sf_grouped *by_sessions(sf_grouped *grouped)
{
    return sf_grouped_sessions(grouped, (sf_session_window){.gap_ms = 10, .grace_ms = 5});
}

static void results_go_out_once_by_start_then_key(void **state)
{
    driven_topology *driven = counting(by_time, SF_EMIT_ON_CLOSE, 1000, NULL);

    (void)state;
    driven_pipe(driven, "in", "b", "x", 2);
    driven_pipe(driven, "in", "a", "x", 7);
    driven_pipe(driven, "in", "a", "x", 3);
    driven_pipe(driven, "in", "c", "x", 14);
    assert_string_equal(driven_rows(driven, "out"), "");
    driven_pipe(driven, "in", "c", "x", 20); /* closes what ends by 15 */

    assert_string_equal(driven_rows(driven, "out"), "a/0=2@7 b/0=1@2 a/5=1@7 c/5=1@14");
    driven_pipe(driven, "in", "c", "x", 21);
    assert_string_equal(driven_rows(driven, "out"), "");
    driven_free(driven);
}

static void sliding_windows_close_behind_their_end(void **state)
{
    driven_topology *driven = counting(by_slides, SF_EMIT_ON_CLOSE, 0, NULL);

    (void)state;
    driven_pipe(driven, "in", "a", "x", 10);
    driven_pipe(driven, "in", "b", "x", 10);
    driven_pipe(driven, "in", "a", "x", 11); /* 0..10 is over now, 11..21 has come */
    assert_string_equal(driven_rows(driven, "out"), "a/0=1@10 b/0=1@10");
    driven_pipe(driven, "in", "b", "x", 21);

    assert_string_equal(driven_rows(driven, "out"), "a/1=2@11");
    driven_free(driven);
}

static void sessions_close_by_end_then_start_then_key(void **state)
{
    driven_topology *driven = counting(by_sessions, SF_EMIT_ON_CLOSE, 0, NULL);

    (void)state;
    driven_pipe(driven, "in", "b", "x", 3);
    driven_pipe(driven, "in", "a", "x", 3);
    driven_pipe(driven, "in", "c", "x", 1);
    driven_pipe(driven, "in", "c", "x", 3);
    driven_pipe(driven, "in", "a", "x", 18); /* what ends at 3 might still grow */
    assert_string_equal(driven_rows(driven, "out"), "");
    driven_pipe(driven, "in", "a", "x", 19);

    assert_string_equal(driven_rows(driven, "out"), "c/1=2@3 a/3=1@3 b/3=1@3");
    driven_free(driven);
}

static void the_wall_clock_limits_how_often(void **state)
{
    driven_topology *driven = counting(by_time, SF_EMIT_ON_CLOSE, 1000,
                                       &(sf_test_driver_options){.emit_interval_ms = 1000});

    (void)state;
    driven_pipe(driven, "in", "a", "x", 3); /* the first try counts, though nothing was due */
    driven_pipe(driven, "in", "b", "x", 20);
    assert_string_equal(driven_rows(driven, "out"), "");
    assert_ok(sf_test_driver_advance(driven->driver, 999, err));
    driven_pipe(driven, "in", "b", "x", 20);
    assert_string_equal(driven_rows(driven, "out"), "");
    assert_ok(sf_test_driver_advance(driven->driver, 1, err));
    driven_pipe(driven, "in", "b", "x", 20);

    assert_string_equal(driven_rows(driven, "out"), "a/0=1@3");
    driven_free(driven);
}

static void a_jump_loses_what_the_store_has_forgotten(void **state)
{
    driven_topology *driven = counting(by_tens, SF_EMIT_ON_CLOSE, 0, NULL);

    (void)state;
    driven_pipe(driven, "in", "a", "x", 3);
    driven_pipe(driven, "in", "a", "x", 500);

    assert_string_equal(driven_rows(driven, "out"), "");
    driven_free(driven);
}

static void a_longer_retention_helps(void **state)
{
    driven_topology *driven = counting(by_tens, SF_EMIT_ON_CLOSE, 500, NULL);

    (void)state;
    driven_pipe(driven, "in", "a", "x", 3);
    driven_pipe(driven, "in", "a", "x", 500);

    assert_string_equal(driven_rows(driven, "out"), "a/0=1@3");
    driven_free(driven);
}

/* The throttle gives way where the record would make the store forget. */
static void nothing_is_lost_without_losses(void **state)
{
    driven_topology *driven = counting(by_tens, SF_EMIT_ON_CLOSE_LOSSLESS, 0,
                                       &(sf_test_driver_options){.emit_interval_ms = 1000});

    (void)state;
    driven_pipe(driven, "in", "a", "x", 3);
    driven_pipe(driven, "in", "b", "x", 15);
    driven_pipe(driven, "in", "a", "x", 500);

    assert_string_equal(driven_rows(driven, "out"), "a/0=1@3 b/10=1@15");
    driven_free(driven);
}

static void go_out_once_over(sf_test_crash crash)
{
    driven_topology *driven = counting(by_time, SF_EMIT_ON_CLOSE, 1000, NULL);

    driven_pipe(driven, "in", "a", "x", 3);
    driven_pipe(driven, "in", "b", "x", 20);
    assert_string_equal(driven_rows(driven, "out"), "a/0=1@3");
    assert_ok(sf_test_driver_restart(driven->driver, crash, err));
    driven_pipe(driven, "in", "b", "x", 30);

    assert_string_equal(driven_rows(driven, "out"), "b/15=1@20");
    driven_free(driven);
}

static void a_restart_sends_nothing_again(void **state)
{
    (void)state;
    go_out_once_over(SF_CRASH_KEEPS_STATE);
}

static void a_lost_disk_sends_nothing_again(void **state)
{
    (void)state;
    go_out_once_over(SF_CRASH_LOSES_STATE);
}

static void an_abort_sends_it_after_all(void **state)
{
    driven_topology *driven = counting(by_time, SF_EMIT_ON_CLOSE, 1000,
                                       &(sf_test_driver_options){.commit_by_hand = true});

    (void)state;
    driven_pipe(driven, "in", "a", "x", 3);
    driven_pipe(driven, "in", "b", "x", 20);
    assert_ok(sf_test_driver_abort(driven->driver, err));
    assert_ok(sf_test_driver_commit(driven->driver, err));

    assert_string_equal(driven_rows(driven, "out"), "a/0=1@3");
    driven_free(driven);
}

/* ---- misuse ---- */

static sf_grouped *grouped_in(driven_topology *driven)
{
    return sf_stream_group_by_key(sf_builder_stream(driven->builder, "in", NULL), NULL);
}

static void what_has_no_windows_does_not_close(void **state)
{
    driven_topology *driven = driven_new();

    (void)state;
    sf_grouped_emit(grouped_in(driven), SF_EMIT_ON_CLOSE);
    assert_string_equal(driven_build_error(driven),
                        "sf_grouped_emit wants windows: there is nothing that could close");
    driven_free(driven);
}

static void unlimited_windows_do_not_close(void **state)
{
    driven_topology *driven = driven_new();
    sf_unlimited_window window = {.start_ms = 0};

    (void)state;
    sf_grouped_emit(sf_grouped_unlimited(grouped_in(driven), window), SF_EMIT_ON_CLOSE);
    assert_string_equal(driven_build_error(driven),
                        "unlimited windows never close: results go on with each update");
    driven_free(driven);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_go_out_once_by_start_then_key),
        cmocka_unit_test(sliding_windows_close_behind_their_end),
        cmocka_unit_test(sessions_close_by_end_then_start_then_key),
        cmocka_unit_test(the_wall_clock_limits_how_often),
        cmocka_unit_test(a_jump_loses_what_the_store_has_forgotten),
        cmocka_unit_test(a_longer_retention_helps),
        cmocka_unit_test(nothing_is_lost_without_losses),
        cmocka_unit_test(a_restart_sends_nothing_again),
        cmocka_unit_test(a_lost_disk_sends_nothing_again),
        cmocka_unit_test(an_abort_sends_it_after_all),
        cmocka_unit_test(what_has_no_windows_does_not_close),
        cmocka_unit_test(unlimited_windows_do_not_close),
    };

    return run_tests(tests);
}
