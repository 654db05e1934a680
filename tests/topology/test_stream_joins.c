/* Streams that meet streams: what the model does not look at. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "support/driven_topology.h"

static const sf_join_window WINDOW = {.before_ms = 10, .after_ms = 10, .grace_ms = 5};
static const sf_stream_joined NAMED = {.name = "met"};

typedef sf_stream *(*join_fn)(sf_stream *left, sf_stream *right, sf_join_window window,
                              sf_join_fn join, void *user, const sf_stream_joined *joined);

static sf_stream *stream(driven_topology *driven, const char *topic)
{
    return sf_builder_stream(driven->builder, topic, NULL);
}

static driven_topology *joined_by(join_fn join, const sf_test_driver_options *options)
{
    driven_topology *driven = driven_new();
    sf_stream *left = stream(driven, "left");
    sf_stream *right = stream(driven, "right");

    sf_stream_to(join(left, right, WINDOW, driven_pair, NULL, &NAMED), "out");
    driven_start(driven, options);
    return driven;
}

static void pipe_with_header(driven_topology *driven, const char *topic, const char *key,
                             int64_t timestamp, const char *header)
{
    sf_header item = {"h", sf_bytes_text(header)};
    sf_record record = {.key = sf_bytes_text(key),
                        .value = sf_bytes_text("v"),
                        .timestamp = timestamp,
                        .headers = {&item, 1}};

    assert_ok(sf_test_driver_pipe(driven->driver, topic, &record, err));
}

static void results_have_the_headers_of_the_record_that_brought_them(void **state)
{
    driven_topology *driven = joined_by(sf_stream_left_join, NULL);
    sf_record result;

    (void)state;
    pipe_with_header(driven, "left", "a", 0, "1");
    pipe_with_header(driven, "left", "b", 0, "2");
    pipe_with_header(driven, "right", "a", 1, "3");
    pipe_with_header(driven, "right", "c", 16, "4");

    assert_true(sf_test_driver_read(driven->driver, "out", &result));
    assert_bytes(result.key, "a");
    assert_bytes(sf_headers_last(result.headers, "h")->value, "3");
    assert_true(sf_test_driver_read(driven->driver, "out", &result));
    assert_bytes(result.key, "b");
    assert_int_equal(result.timestamp, 0);
    assert_bytes(sf_headers_last(result.headers, "h")->value, "4");
    assert_false(sf_test_driver_read(driven->driver, "out", &result));
    driven_free(driven);
}

static void keys_that_changed_pass_a_topic_each(void **state)
{
    driven_topology *driven = driven_new();
    sf_stream *left = sf_stream_select_key(stream(driven, "left"), driven_first_letter, NULL);
    sf_stream *right = sf_stream_select_key(stream(driven, "right"), driven_first_letter, NULL);

    (void)state;
    sf_stream_to(sf_stream_join(left, right, WINDOW, driven_pair, NULL, &NAMED), "out");
    driven_start(driven, &(sf_test_driver_options){.partitions = 3});
    for (char letter = 'a'; letter <= 'h'; letter++) {
        driven_pipe(driven, "left", "x", (char[]){letter, '1', 0}, 1);
        driven_pipe(driven, "right", "y", (char[]){letter, '2', 0}, 2);
    }

    assert_int_equal(sf_test_driver_produced(driven->driver, "met-left-repartition"), 8);
    assert_int_equal(sf_test_driver_produced(driven->driver, "met-right-repartition"), 8);
    assert_int_equal(sf_test_driver_produced(driven->driver, "out"), 8);
    assert_non_null(strstr(driven_rows(driven, "out"), "d=d1|d2@2"));
    driven_free(driven);
}

static void a_stream_that_changed_its_key_meets_itself_through_one_topic(void **state)
{
    driven_topology *driven = driven_new();
    sf_stream *in = sf_stream_select_key(stream(driven, "in"), driven_first_letter, NULL);

    (void)state;
    sf_stream_to(sf_stream_join(in, in, WINDOW, driven_pair, NULL, &NAMED), "out");
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "x", "a1", 1);
    driven_pipe(driven, "in", "y", "a2", 2);

    assert_string_equal(driven_rows(driven, "out"), "a=a1|a1@1 a=a2|a1@2 a=a1|a2@2 a=a2|a2@2");
    assert_int_equal(sf_test_driver_produced(driven->driver, "met-left-repartition"), 2);
    assert_int_equal(sf_test_driver_produced(driven->driver, "met-right-repartition"), 0);
    driven_free(driven);
}

static void an_optimized_self_join_keeps_one_store(void **state)
{
    (void)state;
    for (int optimized = 0; optimized < 2; optimized++) {
        driven_topology *driven = driven_new();
        sf_stream *in = stream(driven, "in");

        sf_stream_to(sf_stream_join(in, in, WINDOW, driven_pair, NULL, &NAMED), "out");
        if (optimized)
            sf_builder_optimize(driven->builder); /* after the join is as good */
        driven_start(driven, NULL);
        driven_pipe(driven, "in", "k", "1", 1);
        driven_pipe(driven, "in", "k", "2", 2);

        assert_string_equal(driven_rows(driven, "out"), "k=1|1@1 k=2|1@2 k=1|2@2 k=2|2@2");
        assert_int_equal(sf_test_driver_produced(driven->driver, "met-this-join-store-changelog"),
                         2);
        assert_int_equal(sf_test_driver_produced(driven->driver, "met-other-join-store-changelog"),
                         optimized ? 0 : 2);
        driven_free(driven);
    }
}

static void stores_can_be_in_memory_and_without_changelog(void **state)
{
    driven_topology *driven = driven_new();
    sf_stream *left = stream(driven, "left");
    sf_stream_joined joined = {.name = "met", .in_memory = true, .logging_off = true};

    (void)state;
    sf_stream_to(
        sf_stream_outer_join(left, stream(driven, "right"), WINDOW, driven_pair, NULL, &joined),
        "out");
    driven_start(driven, NULL);
    driven_pipe(driven, "left", "k", "1", 1);
    driven_pipe(driven, "right", "k", "2", 2);
    driven_pipe(driven, "left", "l", "3", 3);

    assert_string_equal(driven_rows(driven, "out"), "k=1|2@2");
    assert_int_equal(
        sf_test_driver_produced(driven->driver, "met-outer-shared-join-store-changelog"), 0);
    assert_int_equal(sf_test_driver_produced(driven->driver, "met-outer-this-join-store-changelog"),
                     0);
    driven_free(driven);
}

/* Refuses results with a right value "bad". */
static sf_status refuse_bad(void *user, sf_arena *arena, const sf_record *left, sf_bytes right,
                            sf_bytes *result, sf_error *err)
{
    if (sf_bytes_equal(right, sf_bytes_text("bad")))
        return sf_reject(err, "a bad one");
    return driven_pair(user, arena, left, right, result, err);
}

static void a_refused_record_leaves_the_join_as_it_was(void **state)
{
    driven_topology *driven = driven_new();
    sf_consumed skipping = {.on_error = SF_ON_ERROR_SKIP};
    sf_stream *left = stream(driven, "left");
    sf_stream *right = sf_builder_stream(driven->builder, "right", &skipping);

    (void)state;
    sf_stream_to(sf_stream_outer_join(left, right, WINDOW, refuse_bad, NULL, &NAMED), "out");
    driven_start(driven, NULL);
    driven_pipe(driven, "left", "a", "1", 0);
    driven_pipe(driven, "left", "b", "2", 1);
    driven_pipe(driven, "right", "b", "bad", 11);
    driven_pipe(driven, "right", "b", "3", 12);
    assert_string_equal(driven_rows(driven, "out"), "");
    driven_pipe(driven, "right", "c", "4", 17);

    assert_string_equal(driven_rows(driven, "out"), "a=1|-@0 b=2|-@1");
    assert_int_equal(sf_test_driver_counters(driven->driver).skipped, 1);
    driven_free(driven);
}

static void what_is_too_old_to_be_kept_is_counted(void **state)
{
    driven_topology *driven = joined_by(sf_stream_join, NULL);

    (void)state;
    driven_pipe(driven, "left", "k", "1", 200000);
    driven_pipe(driven, "left", "k", "2", 1);
    driven_pipe(driven, "left", NULL, "3", 1);
    driven_pipe(driven, "left", "k", NULL, 1);

    assert_int_equal(sf_test_driver_counters(driven->driver).dropped, 3);
    driven_free(driven);
}

static void half_results_are_looked_for_once_an_interval(void **state)
{
    driven_topology *driven =
        joined_by(sf_stream_left_join, &(sf_test_driver_options){.emit_interval_ms = 1000});

    (void)state;
    driven_pipe(driven, "left", "a", "1", 0);
    driven_pipe(driven, "left", "b", "2", 100);
    assert_string_equal(driven_rows(driven, "out"), "a=1|-@0");
    driven_pipe(driven, "left", "c", "3", 200);
    assert_ok(sf_test_driver_advance(driven->driver, 999, err));
    driven_pipe(driven, "right", "x", "4", 201);
    assert_string_equal(driven_rows(driven, "out"), "");
    assert_ok(sf_test_driver_advance(driven->driver, 1, err));
    driven_pipe(driven, "right", "x", "5", 202);

    assert_string_equal(driven_rows(driven, "out"), "b=2|-@100");
    driven_free(driven);
}

static void a_description_shows_the_five_nodes(void **state)
{
    driven_topology *driven = joined_by(sf_stream_outer_join, NULL);
    char *text = sf_topology_describe(driven->topology);

    (void)state;
    assert_non_null(
        strstr(text, "    Processor: met-this-windowed (stores: [met-outer-this-join-store])\n"
                     "      --> met-outer-this-join\n"
                     "      <-- KSTREAM-SOURCE-0000000000\n"));
    assert_non_null(strstr(text, "    Processor: met-outer-this-join (stores: "
                                 "[met-outer-other-join-store, met-outer-shared-join-store])\n"
                                 "      --> met-merge\n"
                                 "      <-- met-this-windowed\n"));
    assert_non_null(strstr(text, "    Processor: met-merge (stores: [])\n"
                                 "      --> KSTREAM-SINK-0000000007\n"
                                 "      <-- met-outer-other-join, met-outer-this-join\n"));
    free(text);
    driven_free(driven);
}

static void unequal_partitions_are_refused(void **state)
{
    driven_topology *driven = driven_new();
    sf_stream *left = sf_stream_repartition(stream(driven, "left"), "l", 2);
    sf_stream *right = sf_stream_repartition(stream(driven, "right"), "r", 3);

    (void)state;
    sf_stream_to(sf_stream_join(left, right, WINDOW, driven_pair, NULL, &NAMED), "out");
    assert_non_null(strstr(driven_build_error(driven), "they need equal partition counts"));
    driven_free(driven);
}

static void misuse(sf_join_window window, sf_join_fn join, const sf_stream_joined *joined,
                   const char *sentence)
{
    driven_topology *driven = driven_new();
    const char *error;

    (void)sf_stream_join(stream(driven, "left"), stream(driven, "right"), window, join, NULL,
                         joined);
    error = driven_build_error(driven);
    if (!strstr(error, sentence))
        fail_msg("'%s' does not say '%s'", error, sentence);
    driven_free(driven);
}

static void misuses_are_sentences(void **state)
{
    sf_join_window inverted = {.before_ms = -5, .after_ms = 3};
    sf_join_window impatient = {.after_ms = 3, .grace_ms = -1};
    sf_join_window endless = {.after_ms = INT64_MAX};
    sf_stream_joined forgetful = {.name = "met", .retention_ms = 24};

    (void)state;
    misuse(WINDOW, driven_pair, NULL, "a join of streams wants an sf_stream_joined with a name");
    misuse(WINDOW, NULL, &NAMED, "a join of streams wants a function");
    misuse(inverted, driven_pair, &NAMED, "the join 'met' needs a window whose before and after");
    misuse(impatient, driven_pair, &NAMED, "a grace of at least 0");
    misuse(endless, driven_pair, &NAMED, "the join 'met' needs a window");
    misuse(WINDOW, driven_pair, &forgetful, "the join 'met' keeps records for 24 ms, less than");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_have_the_headers_of_the_record_that_brought_them),
        cmocka_unit_test(keys_that_changed_pass_a_topic_each),
        cmocka_unit_test(a_stream_that_changed_its_key_meets_itself_through_one_topic),
        cmocka_unit_test(an_optimized_self_join_keeps_one_store),
        cmocka_unit_test(stores_can_be_in_memory_and_without_changelog),
        cmocka_unit_test(a_refused_record_leaves_the_join_as_it_was),
        cmocka_unit_test(what_is_too_old_to_be_kept_is_counted),
        cmocka_unit_test(half_results_are_looked_for_once_an_interval),
        cmocka_unit_test(a_description_shows_the_five_nodes),
        cmocka_unit_test(unequal_partitions_are_refused),
        cmocka_unit_test(misuses_are_sentences),
    };

    return run_tests(tests);
}
