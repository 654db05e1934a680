/* Several streams in one aggregate: each with its function, behind its own repartition topic if its key
 * changed, with windows too. */
#include "check.h"
#include "support/driven_topology.h"

static char plus[] = "+";
static char minus[] = "-";
static char between[] = "&";

static sf_status joined_by(void *user, sf_arena *arena, const sf_record *record,
                           sf_bytes *aggregate, sf_error *err)
{
    (void)err;
    *aggregate = sf_bytes_text(sf_arena_printf(
        arena, "%.*s%s%.*s", (int)aggregate->size, (const char *)aggregate->data,
        (const char *)user, (int)record->value.size, (const char *)record->value.data));
    return SF_OK;
}

static sf_status joined_sessions(void *user, sf_arena *arena, sf_bytes key, sf_bytes *aggregate,
                                 sf_bytes other, sf_error *err)
{
    const sf_record record = {.key = key, .value = other};

    return joined_by(user, arena, &record, aggregate, err);
}

static sf_grouped *topic(driven_topology *driven, const char *name)
{
    return sf_stream_group_by_key(sf_builder_stream(driven->builder, name, NULL), NULL);
}

static sf_cogrouped *two_topics(driven_topology *driven)
{
    sf_cogrouped *both = sf_grouped_cogroup(topic(driven, "plus"), joined_by, plus);

    return sf_cogrouped_with(both, topic(driven, "minus"), joined_by, minus);
}

static void out_of(driven_topology *driven, sf_cogrouped *cogrouped, const sf_materialized *kept,
                   const sf_test_driver_options *options)
{
    sf_aggregation from_zero = {
        .merge = joined_sessions, .user = between, .initial = sf_bytes_text("0")};
    sf_table *table = sf_cogrouped_aggregate(cogrouped, &from_zero, kept);

    sf_stream_to(sf_table_to_stream(table), "out");
    driven_start(driven, options);
}

static void out(driven_topology *driven, sf_cogrouped *cogrouped,
                const sf_test_driver_options *options)
{
    out_of(driven, cogrouped, &(sf_materialized){.name = "both"}, options);
}

static void each_stream_adds_in_its_own_way(void **state)
{
    driven_topology *driven = driven_new();

    (void)state;
    out(driven, two_topics(driven), NULL);
    driven_pipe(driven, "plus", "a", "1", 5);
    driven_pipe(driven, "minus", "a", "2", 3);
    driven_pipe(driven, "minus", "b", "3", 4);

    assert_string_equal(driven_rows(driven, "out"), "a=0+1@5 a=0+1-2@5 b=0-3@4");
    assert_string_equal(driven_row(driven, "both", "a"), "0+1-2");
    driven_free(driven);
}

static void records_without_key_or_value_are_left_out(void **state)
{
    driven_topology *driven = driven_new();

    (void)state;
    out(driven, two_topics(driven), NULL);
    driven_pipe(driven, "plus", "a", NULL, 5);
    driven_pipe(driven, "minus", NULL, "2", 3);

    assert_string_equal(driven_rows(driven, "out"), "");
    assert_int_equal(sf_test_driver_counters(driven->driver).dropped, 2);
    driven_free(driven);
}

static void only_a_changed_key_goes_through_a_topic(void **state)
{
    driven_topology *driven = driven_new();
    sf_stream *lines = sf_builder_stream(driven->builder, "lines", NULL);
    sf_grouped *by_letter = sf_stream_group_by(lines, driven_first_letter, NULL, "by-letter");
    sf_cogrouped *both = sf_grouped_cogroup(topic(driven, "plus"), joined_by, plus);

    (void)state;
    out(driven, sf_cogrouped_with(both, by_letter, joined_by, minus), NULL);
    driven_pipe(driven, "lines", "x", "amber", 1);
    driven_pipe(driven, "plus", "a", "1", 2);

    assert_string_equal(driven_rows(driven, "out"), "a=0-amber@1 a=0-amber+1@2");
    assert_int_equal(sf_test_driver_produced(driven->driver, "by-letter-repartition"), 1);
    assert_int_equal(sf_test_driver_produced(driven->driver, "both-changelog"), 2);
    driven_free(driven);
}

static void a_commit_sends_the_newest_of_all_streams(void **state)
{
    driven_topology *driven = driven_new();

    (void)state;
    out(driven, two_topics(driven), &(sf_test_driver_options){.commit_by_hand = true});
    driven_pipe(driven, "plus", "a", "1", 5);
    driven_pipe(driven, "minus", "a", "2", 6);
    assert_ok(sf_test_driver_commit(driven->driver, err));

    assert_string_equal(driven_rows(driven, "out"), "a=0+1-2@6");
    driven_free(driven);
}

static void windows_are_shared(void **state)
{
    driven_topology *driven = driven_new();

    (void)state;
    out(driven,
        sf_cogrouped_windowed(two_topics(driven), (sf_window){.size_ms = 10, .grace_ms = 10}),
        NULL);
    driven_pipe(driven, "plus", "a", "1", 5);
    driven_pipe(driven, "minus", "a", "2", 3);
    driven_pipe(driven, "minus", "a", "3", 12);

    assert_string_equal(driven_rows(driven, "out"), "a/0=0+1@5 a/0=0+1-2@5 a/10=0-3@12");
    driven_free(driven);
}

/* One stream that is ahead does not make the other's records late. */
static void each_stream_has_its_own_stream_time(void **state)
{
    driven_topology *driven = driven_new();
    sf_materialized kept = {.name = "both", .retention_ms = 100};

    (void)state;
    out_of(driven,
           sf_cogrouped_windowed(two_topics(driven), (sf_window){.size_ms = 10, .grace_ms = 10}),
           &kept, NULL);
    driven_pipe(driven, "plus", "a", "1", 20);
    driven_pipe(driven, "minus", "a", "2", 1);
    driven_pipe(driven, "plus", "a", "3", 1);

    assert_string_equal(driven_rows(driven, "out"), "a/20=0+1@20 a/0=0-2@1");
    assert_int_equal(sf_test_driver_counters(driven->driver).dropped, 1);
    driven_free(driven);
}

static void results_on_close_wait_for_the_one_that_is_ahead(void **state)
{
    driven_topology *driven = driven_new();
    sf_cogrouped *windowed =
        sf_cogrouped_windowed(two_topics(driven), (sf_window){.size_ms = 10, .grace_ms = 10});

    (void)state;
    out(driven, sf_cogrouped_emit(windowed, SF_EMIT_ON_CLOSE), NULL);
    driven_pipe(driven, "plus", "a", "1", 5);
    driven_pipe(driven, "minus", "a", "2", 3);
    assert_string_equal(driven_rows(driven, "out"), "");
    driven_pipe(driven, "minus", "b", "3", 20);

    assert_string_equal(driven_rows(driven, "out"), "a/0=0+1-2@5");
    driven_free(driven);
}

static void sessions_grow_out_of_both(void **state)
{
    driven_topology *driven = driven_new();

    (void)state;
    out(driven, sf_cogrouped_sessions(two_topics(driven), (sf_session_window){.gap_ms = 10}), NULL);
    driven_pipe(driven, "plus", "a", "1", 5);
    driven_pipe(driven, "minus", "a", "2", 9);

    assert_string_equal(driven_rows(driven, "out"), "a/5=0+1@5 a/5=-@5 a/5=0&0+1-2@9");
    driven_free(driven);
}

static void sliding_windows_slide_over_both(void **state)
{
    driven_topology *driven = driven_new();

    (void)state;
    out(driven, sf_cogrouped_sliding(two_topics(driven), (sf_sliding_window){.diff_ms = 10}), NULL);
    driven_pipe(driven, "plus", "a", "1", 15);
    driven_pipe(driven, "minus", "a", "2", 18);

    assert_string_equal(driven_rows(driven, "out"), "a/5=0+1@15 a/16=0-2@18 a/8=0+1-2@18");
    driven_free(driven);
}

static sf_stream *through(driven_topology *driven, const char *name, int32_t partitions)
{
    return sf_stream_repartition(sf_builder_stream(driven->builder, name, NULL), name, partitions);
}

static void topics_of_unequal_size_do_not_meet(void **state)
{
    driven_topology *driven = driven_new();
    sf_grouped *one = sf_stream_group_by_key(through(driven, "one", 2), NULL);
    sf_grouped *two = sf_stream_group_by_key(through(driven, "two", 3), NULL);
    sf_cogrouped *both = sf_grouped_cogroup(one, joined_by, plus);

    (void)state;
    both = sf_cogrouped_with(both, two, joined_by, minus);
    sf_cogrouped_aggregate(both, NULL, &(sf_materialized){.name = "both"});
    assert_string_equal(driven_build_error(driven),
                        "'one-repartition' with 2 partitions and 'two-repartition' with 3 are "
                        "joined: they need equal partition counts");
    driven_free(driven);
}

static void a_function_for_all_is_refused(void **state)
{
    driven_topology *driven = driven_new();
    sf_aggregation aggregation = {.add = joined_by};

    (void)state;
    sf_cogrouped_aggregate(two_topics(driven), &aggregation, &(sf_materialized){.name = "both"});
    assert_string_equal(driven_build_error(driven),
                        "the streams of a cogroup bring their functions: "
                        "sf_cogrouped_aggregate takes none");
    driven_free(driven);
}

static void keys_of_two_kinds_are_refused(void **state)
{
    static const sf_consumed numbers = {.key = &sf_int64_serde};
    driven_topology *driven = driven_new();
    sf_cogrouped *both = sf_grouped_cogroup(topic(driven, "plus"), joined_by, plus);

    (void)state;
    sf_cogrouped_with(
        both, sf_stream_group_by_key(sf_builder_stream(driven->builder, "numbers", &numbers), NULL),
        joined_by, minus);
    assert_string_equal(driven_build_error(driven),
                        "the streams of a cogroup have keys with different serdes: make them one "
                        "by sf_grouped_as");
    driven_free(driven);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_stream_adds_in_its_own_way),
        cmocka_unit_test(records_without_key_or_value_are_left_out),
        cmocka_unit_test(only_a_changed_key_goes_through_a_topic),
        cmocka_unit_test(a_commit_sends_the_newest_of_all_streams),
        cmocka_unit_test(windows_are_shared),
        cmocka_unit_test(each_stream_has_its_own_stream_time),
        cmocka_unit_test(results_on_close_wait_for_the_one_that_is_ahead),
        cmocka_unit_test(sessions_grow_out_of_both),
        cmocka_unit_test(sliding_windows_slide_over_both),
        cmocka_unit_test(topics_of_unequal_size_do_not_meet),
        cmocka_unit_test(a_function_for_all_is_refused),
        cmocka_unit_test(keys_of_two_kinds_are_refused),
    };

    return run_tests(tests);
}
