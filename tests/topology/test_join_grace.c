/* Streams that wait for a versioned table: what the model does not look at. */
#include <string.h>

#include "check.h"
#include "support/driven_topology.h"

static sf_table *rows(driven_topology *driven, int64_t history_ms)
{
    return sf_builder_table(driven->builder, "rows", NULL,
                            &(sf_materialized){.name = "kept", .history_ms = history_ms});
}

static driven_topology *with_grace(int64_t grace_ms)
{
    driven_topology *driven = driven_new();
    sf_stream *in = sf_builder_stream(driven->builder, "in", NULL);

    sf_stream_to(sf_stream_left_join_table(in, rows(driven, 1000), driven_pair, NULL,
                                           &(sf_joined){.name = "met", .grace_ms = grace_ms}),
                 "out");
    driven_start(driven, NULL);
    return driven;
}

static void records_wait_for_rows_that_are_late(void **state)
{
    driven_topology *driven = with_grace(10);

    (void)state;
    driven_pipe(driven, "in", "k", "1", 5);
    driven_pipe(driven, "rows", "k", "a", 4); /* came late, in time */
    driven_pipe(driven, "rows", "k", "b", 6); /* not valid yet at 5 */
    assert_string_equal(driven_rows(driven, "out"), "");
    driven_pipe(driven, "in", "k", "2", 15);

    assert_string_equal(driven_rows(driven, "out"), "k=1|a@5");
    driven_free(driven);
}

static void they_come_out_by_time_and_equals_as_they_came(void **state)
{
    driven_topology *driven = with_grace(10);

    (void)state;
    driven_pipe(driven, "in", "z", "1", 7);
    driven_pipe(driven, "in", "a", "2", 7);
    driven_pipe(driven, "in", "m", "3", 5);
    driven_pipe(driven, "in", "z", "4", 7);
    driven_pipe(driven, "in", "x", "5", 17);

    assert_string_equal(driven_rows(driven, "out"), "m=3|-@5 z=1|-@7 a=2|-@7 z=4|-@7");
    driven_free(driven);
}

static void what_is_too_late_to_wait_goes_on_at_once(void **state)
{
    driven_topology *driven = with_grace(10);

    (void)state;
    driven_pipe(driven, "in", "k", "1", 50);
    driven_pipe(driven, "in", "k", "2", 39);
    driven_pipe(driven, "in", NULL, "3", 50); /* has nothing to wait for */

    assert_string_equal(driven_rows(driven, "out"), "k=2|-@39 -=3|-@50");
    driven_free(driven);
}

static void they_keep_their_headers(void **state)
{
    driven_topology *driven = with_grace(10);
    sf_header items[] = {{"h", sf_bytes_text("mine")}, {"none", {NULL, 0}}};
    sf_record record = {.key = sf_bytes_text("k"),
                        .value = sf_bytes_text("1"),
                        .timestamp = 5,
                        .headers = {items, 2}};
    sf_record result;

    (void)state;
    assert_ok(sf_test_driver_pipe(driven->driver, "in", &record, err));
    assert_ok(sf_test_driver_restart(driven->driver, SF_CRASH_LOSES_STATE, err));
    driven_pipe(driven, "in", "k", "2", 15);

    assert_true(sf_test_driver_read(driven->driver, "out", &result));
    assert_int_equal(result.timestamp, 5);
    assert_int_equal(result.headers.count, 2);
    assert_bytes(sf_headers_last(result.headers, "h")->value, "mine");
    assert_true(sf_bytes_is_null(sf_headers_last(result.headers, "none")->value));
    driven_free(driven);
}

static void misuse(int64_t history_ms, const sf_joined *joined, const char *sentence)
{
    driven_topology *driven = driven_new();
    sf_stream *in = sf_builder_stream(driven->builder, "in", NULL);
    const char *error;

    (void)sf_stream_join_table(in, rows(driven, history_ms), driven_pair, NULL, joined);
    error = driven_build_error(driven);
    if (!strstr(error, sentence))
        fail_msg("'%s' does not say '%s'", error, sentence);
    driven_free(driven);
}

static void misuses_are_sentences(void **state)
{
    (void)state;
    misuse(0, &(sf_joined){.name = "met", .grace_ms = 5},
           "sf_joined.grace_ms wants a table that is versioned");
    misuse(4, &(sf_joined){.name = "met", .grace_ms = 5},
           "sf_joined.grace_ms of 5 is longer than the history of the table, 4 ms");
    misuse(5, &(sf_joined){.name = "met", .grace_ms = -1}, "sf_joined.grace_ms is below 0");
    misuse(5, &(sf_joined){.grace_ms = 5}, "a name for the buffer");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_wait_for_rows_that_are_late),
        cmocka_unit_test(they_come_out_by_time_and_equals_as_they_came),
        cmocka_unit_test(what_is_too_late_to_wait_goes_on_at_once),
        cmocka_unit_test(they_keep_their_headers),
        cmocka_unit_test(misuses_are_sentences),
    };

    return run_tests(tests);
}
