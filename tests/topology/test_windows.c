/* Windowed aggregates: which windows, what is late, what survives an abort and a restart. */
#include "check.h"
#include "support/driven_topology.h"

enum { HOUR = 3600 * 1000 };

static sf_materialized kept = {.name = "windows", .value = &sf_int64_serde};

static driven_topology *counting(sf_window window, const sf_test_driver_options *options)
{
    driven_topology *driven = driven_new();
    sf_grouped *by_key =
        sf_stream_group_by_key(sf_builder_stream(driven->builder, "in", NULL), NULL);
    sf_table *counts = sf_grouped_count_with(sf_grouped_windowed(by_key, window), &kept);

    sf_stream_to(sf_table_to_stream(counts), "out");
    driven_start(driven, options);
    return driven;
}

static void tumbling_windows_begin_at_multiples_of_their_size(void **state)
{
    driven_topology *driven = counting((sf_window){.size_ms = 10, .grace_ms = 100}, NULL);

    (void)state;
    driven_pipe(driven, "in", "a", "x", 0);
    driven_pipe(driven, "in", "a", "x", 9);
    driven_pipe(driven, "in", "a", "x", 10);
    driven_pipe(driven, "in", "b", "x", 12);

    assert_string_equal(driven_rows(driven, "out"), "a/0=1@0 a/0=2@9 a/10=1@10 b/10=1@12");
    assert_string_equal(driven_window(driven, "windows", "a", 0), "2");
    assert_string_equal(driven_window(driven, "windows", "a", 10), "1");
    driven_free(driven);
}

static void a_record_belongs_to_all_hopping_windows_around_it(void **state)
{
    driven_topology *driven =
        counting((sf_window){.size_ms = 10, .advance_ms = 5, .grace_ms = 100}, NULL);

    (void)state;
    driven_pipe(driven, "in", "a", "x", 3);
    driven_pipe(driven, "in", "a", "x", 12);

    assert_string_equal(driven_rows(driven, "out"), "a/0=1@3 a/5=1@12 a/10=1@12");
    driven_free(driven);
}

static void late_records_are_dropped_once_the_grace_is_over(void **state)
{
    driven_topology *driven = counting((sf_window){.size_ms = 10, .grace_ms = 5}, NULL);

    (void)state;
    driven_pipe(driven, "in", "a", "x", 3);
    driven_pipe(driven, "in", "b", "x", 14); /* 0..10 is open until 15 */
    driven_pipe(driven, "in", "a", "x", 4);
    driven_pipe(driven, "in", "b", "x", 15);
    driven_pipe(driven, "in", "a", "x", 5);

    assert_string_equal(driven_rows(driven, "out"), "a/0=1@3 b/10=1@14 a/0=2@4 b/10=2@15");
    assert_int_equal(sf_test_driver_counters(driven->driver).dropped, 1);
    driven_free(driven);
}

static void a_late_record_counts_once_per_closed_window(void **state)
{
    driven_topology *driven =
        counting((sf_window){.size_ms = 10, .advance_ms = 5, .grace_ms = 0}, NULL);

    (void)state;
    driven_pipe(driven, "in", "a", "x", 14);
    driven_pipe(driven, "in", "a", "x", 7); /* 0..10 is closed, 5..15 open */

    assert_int_equal(sf_test_driver_counters(driven->driver).dropped, 1);
    assert_string_equal(driven_window(driven, "windows", "a", 5), "2");
    assert_string_equal(driven_window(driven, "windows", "a", 0), "-");
    driven_free(driven);
}

static void an_hour_ahead_and_aborted_makes_nothing_late(void **state)
{
    driven_topology *driven = counting((sf_window){.size_ms = 10, .grace_ms = 10},
                                       &(sf_test_driver_options){.commit_by_hand = true});

    (void)state;
    driven_pipe(driven, "in", "a", "x", 3);
    assert_ok(sf_test_driver_commit(driven->driver, err));
    driven_pipe(driven, "in", "a", "x", 4);
    driven_pipe(driven, "in", "b", "x", HOUR);
    assert_ok(sf_test_driver_abort(driven->driver, err)); /* both are processed again */
    assert_ok(sf_test_driver_commit(driven->driver, err));

    assert_int_equal(sf_test_driver_counters(driven->driver).dropped, 0);
    assert_string_equal(driven_window(driven, "windows", "b", HOUR), "1");
    assert_string_equal(driven_rows(driven, "out"), "a/0=1@3 a/0=2@4 b/3600000=1@3600000");
    driven_free(driven);
}

static bool is_far_ahead(void *user, const sf_record *record)
{
    (void)user;
    return record->timestamp >= HOUR;
}

static sf_status refuse_record(void *user, const sf_record *record, sf_error *err)
{
    (void)user;
    (void)record;
    return sf_reject(err, "too far ahead");
}

static void a_refused_record_does_not_move_the_operators_time(void **state)
{
    driven_topology *driven = driven_new();
    sf_consumed skipping = {.on_error = SF_ON_ERROR_SKIP};
    sf_stream *in = sf_builder_stream(driven->builder, "in", &skipping);
    sf_grouped *by_key = sf_stream_group_by_key(in, NULL);
    sf_window window = {.size_ms = 10};

    (void)state;
    sf_grouped_count_with(sf_grouped_windowed(by_key, window), &kept);
    sf_stream_foreach(sf_stream_filter(in, is_far_ahead, NULL), refuse_record, NULL);
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "a", "x", 3);
    driven_pipe(driven, "in", "a", "x", HOUR);
    driven_pipe(driven, "in", "a", "x", 4);

    assert_int_equal(sf_test_driver_counters(driven->driver).skipped, 1);
    assert_int_equal(sf_test_driver_counters(driven->driver).dropped, 0);
    assert_string_equal(driven_window(driven, "windows", "a", 0), "2");
    assert_string_equal(driven_window(driven, "windows", "a", HOUR), "-");
    driven_free(driven);
}

static void times_survive_a_restart(sf_test_crash crash)
{
    driven_topology *driven = counting((sf_window){.size_ms = 10, .grace_ms = 0}, NULL);

    driven_pipe(driven, "in", "a", "x", 3);
    driven_pipe(driven, "in", "b", "x", HOUR);
    assert_ok(sf_test_driver_restart(driven->driver, crash, err));
    assert_string_equal(driven_window(driven, "windows", "b", HOUR), "1");
    driven_pipe(driven, "in", "a", "x", 4); /* as late as it was before */
    driven_pipe(driven, "in", "b", "x", HOUR + 1);

    assert_int_equal(sf_test_driver_counters(driven->driver).dropped, 1);
    assert_string_equal(driven_window(driven, "windows", "b", HOUR), "2");
    driven_free(driven);
}

static void stream_time_survives_a_restart_with_the_disk(void **state)
{
    (void)state;
    times_survive_a_restart(SF_CRASH_KEEPS_STATE);
}

static void stream_time_survives_the_loss_of_the_disk(void **state)
{
    (void)state;
    times_survive_a_restart(SF_CRASH_LOSES_STATE);
}

static void caching_sends_the_newest_of_each_window(void **state)
{
    driven_topology *driven = counting((sf_window){.size_ms = 10, .grace_ms = 100},
                                       &(sf_test_driver_options){.commit_by_hand = true});

    (void)state;
    driven_pipe(driven, "in", "a", "x", 3);
    driven_pipe(driven, "in", "a", "x", 12);
    driven_pipe(driven, "in", "a", "x", 4);
    assert_ok(sf_test_driver_commit(driven->driver, err));

    assert_string_equal(driven_rows(driven, "out"), "a/10=1@12 a/0=2@4");
    driven_free(driven);
}

static sf_status window_as_text(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                                sf_error *err)
{
    const sf_windowed *windowed = sf_windowed_of(in->key);

    (void)user;
    (void)err;
    out->key = sf_bytes_text(sf_arena_printf(
        arena, "[%.*s@%lld-%lld]", (int)windowed->key.size, (const char *)windowed->key.data,
        (long long)windowed->start_ms, (long long)windowed->end_ms));
    return SF_OK;
}

static void windowed_keys_can_be_read_in_flight(void **state)
{
    driven_topology *driven = driven_new();
    sf_grouped *by_key =
        sf_stream_group_by_key(sf_builder_stream(driven->builder, "in", NULL), NULL);
    sf_window window = {.size_ms = 10};
    sf_materialized direct = {.name = "direct", .caching_off = true};
    sf_table *counts = sf_grouped_count_with(sf_grouped_windowed(by_key, window), &direct);
    sf_stream *named = sf_stream_map(sf_table_to_stream(counts), window_as_text, NULL);

    (void)state;
    sf_stream_to(sf_stream_as(named, &sf_string_serde, NULL), "out");
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "a", "x", 13);

    assert_string_equal(driven_rows(driven, "out"), "[a@10-20]=1@13");
    driven_free(driven);
}

/* Nothing is left of an x, whatever came before it. */
static sf_status texts_until_x(void *user, sf_arena *arena, const sf_record *record,
                               sf_bytes *aggregate, sf_error *err)
{
    if (!sf_bytes_equal(record->value, sf_bytes_text("x")))
        return driven_concat(user, arena, record, aggregate, err);
    *aggregate = SF_NULL;
    return SF_OK;
}

static void an_aggregate_that_becomes_null_deletes_its_window(void **state)
{
    driven_topology *driven = driven_new();
    sf_grouped *by_key =
        sf_stream_group_by_key(sf_builder_stream(driven->builder, "in", NULL), NULL);
    sf_window window = {.size_ms = 10, .grace_ms = 100};
    sf_aggregation texts = {.add = texts_until_x, .initial = sf_bytes_text("0")};
    sf_table *table = sf_grouped_aggregate(sf_grouped_windowed(by_key, window), &texts,
                                           &(sf_materialized){.name = "texts"});

    (void)state;
    sf_stream_to(sf_table_to_stream(table), "out");
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "a", "1", 5);
    driven_pipe(driven, "in", "a", "x", 3);
    driven_pipe(driven, "in", "a", "2", 4); /* begins anew, its time too */

    assert_string_equal(driven_rows(driven, "out"), "a/0=0+1@5 a/0=-@5 a/0=0+2@4");
    driven_free(driven);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tumbling_windows_begin_at_multiples_of_their_size),
        cmocka_unit_test(a_record_belongs_to_all_hopping_windows_around_it),
        cmocka_unit_test(late_records_are_dropped_once_the_grace_is_over),
        cmocka_unit_test(a_late_record_counts_once_per_closed_window),
        cmocka_unit_test(an_hour_ahead_and_aborted_makes_nothing_late),
        cmocka_unit_test(a_refused_record_does_not_move_the_operators_time),
        cmocka_unit_test(stream_time_survives_a_restart_with_the_disk),
        cmocka_unit_test(stream_time_survives_the_loss_of_the_disk),
        cmocka_unit_test(caching_sends_the_newest_of_each_window),
        cmocka_unit_test(windowed_keys_can_be_read_in_flight),
        cmocka_unit_test(an_aggregate_that_becomes_null_deletes_its_window),
    };

    return run_tests(tests);
}
