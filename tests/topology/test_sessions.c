/* Sessions, sliding and unlimited windows: what a record changes, and what goes on in which order. */
#include "check.h"
#include "support/driven_topology.h"

static sf_status join_texts(void *user, sf_arena *arena, sf_bytes key, sf_bytes *aggregate,
                            sf_bytes other, sf_error *err)
{
    const sf_record record = {.key = key, .value = other};

    return driven_concat(user, arena, &record, aggregate, err);
}

static sf_aggregation texts(void)
{
    return (sf_aggregation){
        .add = driven_concat, .merge = join_texts, .initial = sf_bytes_text("0")};
}

static sf_grouped *in(driven_topology *driven)
{
    return sf_stream_group_by_key(sf_builder_stream(driven->builder, "in", NULL), NULL);
}

static void out(driven_topology *driven, sf_table *table, const sf_test_driver_options *options)
{
    sf_stream_to(sf_table_to_stream(table), "out");
    driven_start(driven, options);
}

static driven_topology *texts_of_sessions(const sf_materialized *kept,
                                          const sf_test_driver_options *options)
{
    driven_topology *driven = driven_new();
    sf_session_window window = {.gap_ms = 10, .grace_ms = 100};
    sf_aggregation aggregation = texts();

    out(driven, sf_grouped_aggregate(sf_grouped_sessions(in(driven), window), &aggregation, kept),
        options);
    return driven;
}

/* ---- sessions ---- */

static void a_record_between_joins_sessions_in_the_stores_order(void **state)
{
    sf_materialized direct = {.name = "sessions", .caching_off = true};
    driven_topology *driven = texts_of_sessions(&direct, NULL);

    (void)state;
    driven_pipe(driven, "in", "a", "late", 20);
    driven_pipe(driven, "in", "a", "early", 0);
    assert_string_equal(driven_rows(driven, "out"), "a/20=0+late@20 a/0=0+early@0");
    driven_pipe(driven, "in", "a", "mid", 10);

    assert_string_equal(driven_rows(driven, "out"),
                        "a/0=-@0 a/20=-@20 a/0=0+0+early+0+late+mid@20");
    driven_free(driven);
}

static void a_record_at_the_same_instant_replaces_without_a_deletion(void **state)
{
    sf_materialized direct = {.name = "sessions", .caching_off = true};
    driven_topology *driven = texts_of_sessions(&direct, NULL);

    (void)state;
    driven_pipe(driven, "in", "a", "x", 5);
    driven_pipe(driven, "in", "a", "y", 5);

    assert_string_equal(driven_rows(driven, "out"), "a/5=0+x@5 a/5=0+0+x+y@5");
    driven_free(driven);
}

static void a_session_within_a_commit_leaves_no_trace_of_its_parts(void **state)
{
    sf_materialized cached = {.name = "sessions"};
    driven_topology *driven =
        texts_of_sessions(&cached, &(sf_test_driver_options){.commit_by_hand = true});

    (void)state;
    driven_pipe(driven, "in", "a", "x", 0);
    driven_pipe(driven, "in", "a", "y", 5);
    assert_ok(sf_test_driver_commit(driven->driver, err));
    assert_string_equal(driven_rows(driven, "out"), "a/0=0+0+x+y@5");
    driven_pipe(driven, "in", "a", "z", 9);
    assert_ok(sf_test_driver_commit(driven->driver, err));

    assert_string_equal(driven_rows(driven, "out"), "a/0=-@5 a/0=0+0+0+x+y+z@9");
    driven_free(driven);
}

static void reducing_takes_the_first_value_and_merges_by_the_same_function(void **state)
{
    driven_topology *driven = driven_new();
    sf_materialized direct = {.name = "sessions", .caching_off = true};
    sf_session_window window = {.gap_ms = 10, .grace_ms = 100};

    (void)state;
    out(driven,
        sf_grouped_reduce(sf_grouped_sessions(in(driven), window), driven_concat, NULL, &direct),
        NULL);
    driven_pipe(driven, "in", "a", "1", 0);
    driven_pipe(driven, "in", "a", "2", 20);
    driven_pipe(driven, "in", "a", "3", 10);

    assert_string_equal(driven_rows(driven, "out"),
                        "a/0=1@0 a/20=2@20 a/0=-@0 a/20=-@20 a/0=1+2+3@20");
    driven_free(driven);
}

static void sessions_that_cannot_merge_are_refused(void **state)
{
    driven_topology *driven = driven_new();
    sf_aggregation aggregation = {.add = driven_concat};
    sf_session_window window = {.gap_ms = 10};

    (void)state;
    sf_grouped_aggregate(sf_grouped_sessions(in(driven), window), &aggregation,
                         &(sf_materialized){.name = "sessions"});
    assert_string_equal(driven_build_error(driven),
                        "an aggregate of sessions wants a function that merges");
    driven_free(driven);
}

static void a_session_needs_a_gap(void **state)
{
    driven_topology *driven = driven_new();

    (void)state;
    sf_grouped_count(sf_grouped_sessions(in(driven), (sf_session_window){.grace_ms = 5}), "counts");
    assert_string_equal(driven_build_error(driven),
                        "a session window needs a gap above 0 and a grace of at least 0");
    driven_free(driven);
}

static void a_retention_below_gap_and_grace_is_refused(void **state)
{
    driven_topology *driven = driven_new();
    sf_session_window window = {.gap_ms = 10, .grace_ms = 5};

    (void)state;
    sf_grouped_count_with(sf_grouped_sessions(in(driven), window),
                          &(sf_materialized){.name = "brief", .retention_ms = 14});
    assert_string_equal(
        driven_build_error(driven),
        "the store 'brief' keeps windows for 14 ms, less than gap and grace: 15 ms");
    driven_free(driven);
}

/* ---- sliding windows ---- */

static driven_topology *texts_that_slide(int64_t grace_ms)
{
    driven_topology *driven = driven_new();
    sf_sliding_window window = {.diff_ms = 10, .grace_ms = grace_ms};
    sf_aggregation aggregation = texts();

    out(driven,
        sf_grouped_aggregate(sf_grouped_sliding(in(driven), window), &aggregation,
                             &(sf_materialized){.name = "slides", .caching_off = true}),
        NULL);
    return driven;
}

static void changes_go_on_from_the_latest_window_down(void **state)
{
    driven_topology *driven = texts_that_slide(100);

    (void)state;
    driven_pipe(driven, "in", "a", "1", 20);
    driven_pipe(driven, "in", "a", "2", 25);
    driven_pipe(driven, "in", "a", "3", 30);
    (void)driven_rows(driven, "out");
    driven_pipe(driven, "in", "a", "4", 28);

    assert_string_equal(driven_rows(driven, "out"),
                        "a/26=0+3+4@30 a/21=0+2+3+4@30 a/20=0+1+2+3+4@30 a/18=0+1+2+4@28 "
                        "a/29=0+3@30");
    driven_free(driven);
}

/* The right window of the record before is the left one of the new record. */
static void two_windows_that_coincide_send_one_result_twice(void **state)
{
    driven_topology *driven = texts_that_slide(100);

    (void)state;
    driven_pipe(driven, "in", "a", "1", 11);
    driven_pipe(driven, "in", "a", "2", 16);
    (void)driven_rows(driven, "out");
    driven_pipe(driven, "in", "a", "3", 27);

    assert_string_equal(driven_rows(driven, "out"), "a/17=0+3@27 a/17=0+3@27");
    driven_free(driven);
}

static void the_nearest_record_before_gets_its_right_window(void **state)
{
    driven_topology *driven = texts_that_slide(100);

    (void)state;
    driven_pipe(driven, "in", "a", "1", 20);
    driven_pipe(driven, "in", "a", "2", 22);
    driven_pipe(driven, "in", "a", "3", 31); /* the right window of 20 ends here */

    assert_string_equal(driven_window(driven, "slides", "a", 23), "0+3");
    driven_free(driven);
}

static void a_null_value_does_not_slide(void **state)
{
    driven_topology *driven = texts_that_slide(100);

    (void)state;
    driven_pipe(driven, "in", "a", NULL, 20);

    assert_string_equal(driven_rows(driven, "out"), "");
    assert_int_equal(sf_test_driver_counters(driven->driver).dropped, 1);
    driven_free(driven);
}

static void a_retention_below_twice_the_difference_is_refused(void **state)
{
    driven_topology *driven = driven_new();
    sf_sliding_window window = {.diff_ms = 10, .grace_ms = 5};

    (void)state;
    sf_grouped_count_with(sf_grouped_sliding(in(driven), window),
                          &(sf_materialized){.name = "brief", .retention_ms = 24});
    assert_string_equal(driven_build_error(driven),
                        "the store 'brief' keeps windows for 24 ms, less than twice the difference "
                        "and grace: 25 ms");
    driven_free(driven);
}

/* ---- unlimited windows ---- */

static void an_unlimited_window_takes_all_from_its_start_on(void **state)
{
    driven_topology *driven = driven_new();

    (void)state;
    out(driven,
        sf_grouped_count(sf_grouped_unlimited(in(driven), (sf_unlimited_window){.start_ms = 10}),
                         "counts"),
        NULL);
    driven_pipe(driven, "in", "a", "x", 9);
    driven_pipe(driven, "in", "a", "x", 10);
    driven_pipe(driven, "in", "a", "x", (int64_t)1 << 50);
    driven_pipe(driven, "in", "a", "x", 11);

    assert_string_equal(driven_rows(driven, "out"),
                        "a/10=1@10 a/10=2@1125899906842624 a/10=3@1125899906842624");
    assert_int_equal(sf_test_driver_counters(driven->driver).dropped, 0);
    driven_free(driven);
}

static void unlimited_windows_are_kept_for_ever(void **state)
{
    driven_topology *driven = driven_new();

    (void)state;
    sf_grouped_count_with(sf_grouped_unlimited(in(driven), (sf_unlimited_window){.start_ms = 10}),
                          &(sf_materialized){.name = "brief", .retention_ms = 24});
    assert_string_equal(driven_build_error(driven),
                        "the store 'brief' is of unlimited windows, which are kept for ever");
    driven_free(driven);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_between_joins_sessions_in_the_stores_order),
        cmocka_unit_test(a_record_at_the_same_instant_replaces_without_a_deletion),
        cmocka_unit_test(a_session_within_a_commit_leaves_no_trace_of_its_parts),
        cmocka_unit_test(reducing_takes_the_first_value_and_merges_by_the_same_function),
        cmocka_unit_test(sessions_that_cannot_merge_are_refused),
        cmocka_unit_test(a_session_needs_a_gap),
        cmocka_unit_test(a_retention_below_gap_and_grace_is_refused),
        cmocka_unit_test(changes_go_on_from_the_latest_window_down),
        cmocka_unit_test(two_windows_that_coincide_send_one_result_twice),
        cmocka_unit_test(the_nearest_record_before_gets_its_right_window),
        cmocka_unit_test(a_null_value_does_not_slide),
        cmocka_unit_test(a_retention_below_twice_the_difference_is_refused),
        cmocka_unit_test(an_unlimited_window_takes_all_from_its_start_on),
        cmocka_unit_test(unlimited_windows_are_kept_for_ever),
    };

    return run_tests(tests);
}
