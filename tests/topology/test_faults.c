/* Records that are refused, transactions that fail, processes that die. */
#include <string.h>

#include "check.h"
#include "support/driven_topology.h"

/* Counts the key and forwards, and then refuses values that begin with "bad": too late, on purpose. */
static sf_status count_then_judge(void *state, sf_context *context, const sf_record *record,
                                  sf_error *err)
{
    sf_key_value_store *store = sf_context_key_value_store(context, "seen");
    sf_stored stored;
    sf_status status = sf_key_value_store_get(store, record->key, &stored, err);
    sf_bytes longer;

    (void)state;
    if (status)
        return status;
    longer =
        sf_bytes_text(sf_arena_printf(sf_context_arena(context), "%.*sx", (int)stored.value.size,
                                      (const char *)stored.value.data));
    status = sf_key_value_store_put(store, record->key, longer, record->timestamp, err);
    if (!status)
        status = sf_context_forward(context, record, err);
    if (!status && record->value.size >= 3 && !memcmp(record->value.data, "bad", 3))
        return sf_reject(err, "bad it is");
    return status;
}

static const sf_processor judging = {.process = count_then_judge};

static driven_topology *judged(sf_on_error on_error, bool by_hand)
{
    driven_topology *driven = driven_new();
    const char *const stores[] = {"seen", NULL};
    sf_consumed consumed = {.on_error = on_error};
    sf_stream *in = sf_builder_stream(driven->builder, "in", &consumed);
    sf_stream *judge;

    sf_builder_add_store(driven->builder, &(sf_store_options){.name = "seen"});
    judge = sf_stream_named(sf_stream_process_values(in, &judging, stores), "judge");
    sf_stream_to(judge, "out");
    sf_stream_to_table(judge, &(sf_materialized){.name = "copies"});
    driven_start(driven, &(sf_test_driver_options){.commit_by_hand = by_hand});
    return driven;
}

static void a_skipped_record_leaves_no_trace(void **state)
{
    driven_topology *driven = judged(SF_ON_ERROR_SKIP, false);

    (void)state;
    driven_pipe(driven, "in", "k", "good", 1);
    driven_pipe(driven, "in", "k", "bad", 2);
    driven_pipe(driven, "in", "new", "bad", 3);
    driven_pipe(driven, "in", "k", "fine", 4);

    assert_string_equal(driven_rows(driven, "out"), "k=good@1 k=fine@4");
    assert_string_equal(driven_row(driven, "seen", "k"), "xx");
    assert_string_equal(driven_row(driven, "seen", "new"), "-");
    assert_string_equal(driven_row(driven, "copies", "k"), "fine");
    assert_int_equal(sf_test_driver_counters(driven->driver).skipped, 2);
    assert_int_equal(sf_test_driver_counters(driven->driver).processed, 4);
    driven_free(driven);
}

static void a_dead_letter_is_the_record_as_it_came_with_reasons(void **state)
{
    driven_topology *driven = judged(SF_ON_ERROR_DEAD_LETTER, false);
    sf_header header = {"trace", sf_bytes_text("t1")};
    sf_record bad = {sf_bytes_text("k"), sf_bytes_text("bad one"), 2, {&header, 1}};
    sf_record letter;

    (void)state;
    driven_pipe(driven, "in", "k", "good", 1);
    assert_ok(sf_test_driver_pipe(driven->driver, "in", &bad, err));

    assert_string_equal(driven_rows(driven, "out"), "k=good@1");
    assert_string_equal(driven_row(driven, "seen", "k"), "x");
    assert_true(sf_test_driver_read(driven->driver, "dlq", &letter));
    assert_bytes(letter.key, "k");
    assert_bytes(letter.value, "bad one");
    assert_int_equal(letter.timestamp, 2);
    assert_bytes(sf_headers_last(letter.headers, "trace")->value, "t1");
    assert_bytes(sf_headers_last(letter.headers, "__streams.errors.message")->value, "bad it is");
    assert_bytes(sf_headers_last(letter.headers, "__streams.errors.processor")->value, "judge");
    assert_bytes(sf_headers_last(letter.headers, "__streams.errors.topic")->value, "in");
    assert_bytes(sf_headers_last(letter.headers, "__streams.errors.partition")->value, "0");
    assert_bytes(sf_headers_last(letter.headers, "__streams.errors.offset")->value, "1");
    assert_int_equal(sf_test_driver_counters(driven->driver).dead_letters, 1);
    driven_free(driven);
}

static void failing_says_where_and_leaves_no_trace(void **state)
{
    driven_topology *driven = judged(SF_ON_ERROR_FAIL, false);
    sf_error err;

    (void)state;
    driven_pipe(driven, "in", "k", "good", 1);

    assert_int_equal(sf_test_driver_pipe_text(driven->driver, "in", "k", "bad", 2, &err), SF_STOP);
    assert_string_equal(err.text, "record of in/0 at offset 1: judge: bad it is");
    assert_string_equal(driven_row(driven, "seen", "k"), "x");
    assert_string_equal(driven_rows(driven, "out"), "k=good@1");
    driven_free(driven);
}

static void bytes_that_make_no_sense_go_by_the_policy_too(void **state)
{
    driven_topology *driven = driven_new();
    sf_consumed numbers = {.value = &sf_int64_serde, .on_error = SF_ON_ERROR_DEAD_LETTER};
    sf_record letter;

    (void)state;
    sf_stream_to(sf_builder_stream(driven->builder, "in", &numbers), "out");
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "k", "12345678", 1);
    driven_pipe(driven, "in", "k", "123", 2);
    driven_pipe(driven, "in", "k", "12345678", -1);

    assert_int_equal(sf_test_driver_produced(driven->driver, "out"), 1);
    assert_true(sf_test_driver_read(driven->driver, "dlq", &letter));
    assert_bytes(letter.value, "123");
    assert_bytes(sf_headers_last(letter.headers, "__streams.errors.message")->value,
                 "value: int64 wants 8 bytes, not 3");
    assert_true(sf_test_driver_read(driven->driver, "dlq", &letter));
    assert_bytes(sf_headers_last(letter.headers, "__streams.errors.message")->value,
                 "the timestamp -1 is negative");
    driven_free(driven);
}

/* The policy of a source holds behind repartition topics too. */
static void a_policy_reaches_behind_a_repartition(void **state)
{
    driven_topology *driven = driven_new();
    sf_consumed consumed = {.on_error = SF_ON_ERROR_SKIP};
    sf_stream *in = sf_builder_stream(driven->builder, "in", &consumed);
    const char *const stores[] = {"seen", NULL};

    (void)state;
    sf_builder_add_store(driven->builder, &(sf_store_options){.name = "seen"});
    sf_stream_to(sf_stream_process(sf_stream_repartition(in, "again", 0), &judging, stores), "out");
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "k", "bad", 1);
    driven_pipe(driven, "in", "k", "good", 2);

    assert_string_equal(driven_rows(driven, "out"), "k=good@2");
    assert_string_equal(driven_row(driven, "seen", "k"), "x");
    driven_free(driven);
}

/* Behind a cache there is no record any more: one refused change must not take the others with it. */
static driven_topology *judged_behind_a_cache(sf_on_error on_error)
{
    driven_topology *driven = driven_new();
    const char *const stores[] = {"seen", NULL};
    sf_consumed consumed = {.on_error = on_error};
    sf_stream *in = sf_builder_stream(driven->builder, "in", &consumed);
    sf_materialized kept = {.name = "newest"};
    sf_table *newest = sf_stream_to_table(in, &kept);
    sf_stream *changes = sf_table_to_stream(newest);

    sf_builder_add_store(driven->builder, &(sf_store_options){.name = "seen"});
    sf_stream_to(sf_stream_named(sf_stream_process(changes, &judging, stores), "judge"), "out");
    driven_start(driven, &(sf_test_driver_options){.commit_by_hand = true});
    driven_pipe(driven, "in", "a", "good", 1);
    driven_pipe(driven, "in", "b", "bad", 2);
    driven_pipe(driven, "in", "c", "fine", 3);
    return driven;
}

static void a_refused_cached_change_is_skipped_alone(void **state)
{
    driven_topology *driven = judged_behind_a_cache(SF_ON_ERROR_SKIP);

    (void)state;
    assert_ok(sf_test_driver_commit(driven->driver, err));

    assert_string_equal(driven_rows(driven, "out"), "a=good@1 c=fine@3");
    assert_string_equal(driven_row(driven, "seen", "a"), "x");
    assert_string_equal(driven_row(driven, "seen", "b"), "-");
    assert_string_equal(driven_row(driven, "newest", "b"), "bad");
    assert_int_equal(sf_test_driver_counters(driven->driver).skipped, 1);
    driven_free(driven);
}

static void a_refused_cached_change_stops_where_failures_stop(void **state)
{
    driven_topology *driven = judged_behind_a_cache(SF_ON_ERROR_FAIL);
    sf_error err;

    (void)state;
    assert_int_equal(sf_test_driver_commit(driven->driver, &err), SF_STOP);
    assert_int_equal(err.status, SF_STOP);
    assert_string_equal(err.text, "judge: bad it is");
    driven_free(driven);
}

static void an_abort_goes_back_to_the_last_commit_and_does_it_again(void **state)
{
    driven_topology *driven = judged(SF_ON_ERROR_SKIP, true);

    (void)state;
    driven_pipe(driven, "in", "k", "one", 1);
    assert_ok(sf_test_driver_commit(driven->driver, err));
    driven_pipe(driven, "in", "k", "two", 2);
    driven_pipe(driven, "in", "l", "three", 3);
    assert_ok(sf_test_driver_abort(driven->driver, err));
    assert_ok(sf_test_driver_commit(driven->driver, err));

    assert_string_equal(driven_rows(driven, "out"), "k=one@1 k=two@2 l=three@3");
    assert_string_equal(driven_row(driven, "seen", "k"), "xx");
    assert_string_equal(driven_row(driven, "seen", "l"), "x");
    driven_free(driven);
}

static int inits, closes;

static sf_status count_init(void *user, sf_context *context, void **state, sf_error *err)
{
    (void)user;
    (void)context;
    (void)state;
    (void)err;
    inits++;
    return SF_OK;
}

static void count_close(void *state)
{
    (void)state;
    closes++;
}

static void an_abort_makes_the_pipeline_anew(void **state)
{
    static const sf_processor counted = {.init = count_init, .close = count_close};
    driven_topology *driven = driven_new();

    (void)state;
    inits = closes = 0;
    sf_stream_to(sf_stream_process(sf_builder_stream(driven->builder, "in", NULL), &counted, NULL),
                 "out");
    driven_start(driven, NULL);
    assert_int_equal(inits, 1);
    assert_ok(sf_test_driver_abort(driven->driver, err));
    assert_int_equal(inits, 2);
    assert_int_equal(closes, 1);
    driven_pipe(driven, "in", "k", "passes", 1); /* a processor without a function hands on */

    assert_string_equal(driven_rows(driven, "out"), "k=passes@1");
    driven_free(driven);
    assert_int_equal(closes, 2);
}

static void restarted(sf_test_crash crash)
{
    driven_topology *driven = judged(SF_ON_ERROR_SKIP, true);

    driven_pipe(driven, "in", "k", "one", 1);
    driven_pipe(driven, "in", "l", "two", 2);
    assert_ok(sf_test_driver_commit(driven->driver, err));
    driven_pipe(driven, "in", "k", "three", 3); /* lost, and done again */
    assert_ok(sf_test_driver_restart(driven->driver, crash, err));
    assert_string_equal(driven_row(driven, "seen", "k"), "xx");
    assert_string_equal(driven_row(driven, "copies", "k"), "three");
    assert_ok(sf_test_driver_commit(driven->driver, err));

    assert_string_equal(driven_rows(driven, "out"), "k=one@1 l=two@2 k=three@3");
    assert_string_equal(driven_row(driven, "seen", "l"), "x");
    assert_int_equal(sf_test_driver_counters(driven->driver).processed, 1);
    driven_free(driven);
}

static void a_restart_goes_on_from_the_disk(void **state)
{
    (void)state;
    restarted(SF_CRASH_KEEPS_STATE);
}

static void a_restart_without_the_disk_restores_from_changelogs(void **state)
{
    (void)state;
    restarted(SF_CRASH_LOSES_STATE);
}

static void a_store_in_memory_comes_back_from_its_changelog(void **state)
{
    driven_topology *driven = driven_new();
    sf_materialized kept = {.name = "counts", .value = &sf_int64_serde, .in_memory = true};

    (void)state;
    sf_grouped_count_with(
        sf_stream_group_by_key(sf_builder_stream(driven->builder, "in", NULL), NULL), &kept);
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "a", "x", 1);
    driven_pipe(driven, "in", "a", "x", 2);
    assert_ok(sf_test_driver_restart(driven->driver, SF_CRASH_KEEPS_STATE, err));

    assert_string_equal(driven_row(driven, "counts", "a"), "2");
    driven_free(driven);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_skipped_record_leaves_no_trace),
        cmocka_unit_test(a_dead_letter_is_the_record_as_it_came_with_reasons),
        cmocka_unit_test(failing_says_where_and_leaves_no_trace),
        cmocka_unit_test(bytes_that_make_no_sense_go_by_the_policy_too),
        cmocka_unit_test(a_policy_reaches_behind_a_repartition),
        cmocka_unit_test(a_refused_cached_change_is_skipped_alone),
        cmocka_unit_test(a_refused_cached_change_stops_where_failures_stop),
        cmocka_unit_test(an_abort_goes_back_to_the_last_commit_and_does_it_again),
        cmocka_unit_test(an_abort_makes_the_pipeline_anew),
        cmocka_unit_test(a_restart_goes_on_from_the_disk),
        cmocka_unit_test(a_restart_without_the_disk_restores_from_changelogs),
        cmocka_unit_test(a_store_in_memory_comes_back_from_its_changelog),
    };

    return run_tests(tests);
}
