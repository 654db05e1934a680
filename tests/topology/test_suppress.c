/* Bounds of what suppress holds back, and what is refused; when it lets go stands in
 * test_suppress_model.c. */
#include <string.h>

#include "check.h"
#include "support/driven_topology.h"

enum { FOR_EVER = -1 };

static driven_topology *holding(sf_suppressed held)
{
    driven_topology *driven = driven_new();
    sf_table *rows = sf_builder_table(driven->builder, "in", NULL,
                                      &(sf_materialized){.name = "rows", .caching_off = true});

    sf_stream_to(sf_table_to_stream(sf_table_suppress(rows, &held)), "out");
    return driven;
}

static void a_full_buffer_lets_the_oldest_go(void **state)
{
    driven_topology *driven =
        holding((sf_suppressed){.name = "held", .limit_ms = FOR_EVER, .max_records = 2});

    (void)state;
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "a", "1", 30);
    driven_pipe(driven, "in", "b", "2", 10);
    driven_pipe(driven, "in", "a", "3", 40); /* keeps the place of 30 */
    assert_string_equal(driven_rows(driven, "out"), "");
    driven_pipe(driven, "in", "c", "4", 50);
    assert_string_equal(driven_rows(driven, "out"), "b=2@10");
    driven_pipe(driven, "in", "d", "5", 60);
    assert_string_equal(driven_rows(driven, "out"), "a=3@40");
    driven_free(driven);
}

/* Each update counts for its key, its value and 100 bytes. */
static void bytes_are_a_bound_too(void **state)
{
    driven_topology *driven =
        holding((sf_suppressed){.name = "held", .limit_ms = FOR_EVER, .max_bytes = 250});

    (void)state;
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "a", "1", 1);
    driven_pipe(driven, "in", "b", "2", 2);
    assert_string_equal(driven_rows(driven, "out"), "");
    driven_pipe(driven, "in", "a", "a value of more than fifty bytes, which is too much for both",
                3);
    assert_string_equal(driven_rows(driven, "out"),
                        "a=a value of more than fifty bytes, which is too much for both@3");
    driven_free(driven);
}

static void a_bound_holds_over_the_loss_of_the_disk(void **state)
{
    driven_topology *driven =
        holding((sf_suppressed){.name = "held", .limit_ms = FOR_EVER, .max_records = 2});

    (void)state;
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "a", "1", 1);
    driven_pipe(driven, "in", "b", "2", 2);
    assert_ok(sf_test_driver_restart(driven->driver, SF_CRASH_LOSES_STATE, err));
    driven_pipe(driven, "in", "c", "3", 3);
    assert_string_equal(driven_rows(driven, "out"), "a=1@1");
    driven_free(driven);
}

static void a_full_buffer_stops_the_program_if_told_so(void **state)
{
    driven_topology *driven = holding((sf_suppressed){
        .name = "held", .limit_ms = FOR_EVER, .max_records = 1, .when_full = SF_WHEN_FULL_STOP});
    sf_record second = {.key = sf_bytes_text("b"), .value = sf_bytes_text("2"), .timestamp = 2};
    sf_error err = {0};

    (void)state;
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "a", "1", 1);
    assert_int_equal(sf_test_driver_pipe(driven->driver, "in", &second, &err), SF_STOP);
    assert_non_null(strstr(err.text, "the buffer of 'held' is full"));
    driven_free(driven);
}

static void an_update_keeps_its_headers_while_it_waits(void **state)
{
    driven_topology *driven = holding((sf_suppressed){.name = "held", .limit_ms = 10});
    const sf_header header = {"trace", {(const uint8_t *)"7", 1}};
    sf_record traced = {.key = sf_bytes_text("a"),
                        .value = sf_bytes_text("1"),
                        .timestamp = 1,
                        .headers = {&header, 1}};
    sf_record out;

    (void)state;
    driven_start(driven, NULL);
    assert_ok(sf_test_driver_pipe(driven->driver, "in", &traced, err));
    assert_ok(sf_test_driver_restart(driven->driver, SF_CRASH_LOSES_STATE, err));
    driven_pipe(driven, "in", "b", "2", 11);
    assert_true(sf_test_driver_read(driven->driver, "out", &out));
    assert_bytes(out.key, "a");
    assert_non_null(sf_headers_last(out.headers, "trace"));
    assert_bytes(sf_headers_last(out.headers, "trace")->value, "7");
    driven_free(driven);
}

/* Without a changelog what waited is gone with the disk. */
static void logging_can_be_switched_off(void **state)
{
    driven_topology *driven =
        holding((sf_suppressed){.name = "held", .limit_ms = 10, .logging_off = true});

    (void)state;
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "a", "1", 1);
    assert_int_equal(sf_test_driver_produced(driven->driver, "held-changelog"), 0);
    assert_int_equal(sf_test_driver_produced(driven->driver, "rows-changelog"), 1);
    driven_pipe(driven, "in", "b", "2", 11);
    assert_string_equal(driven_rows(driven, "out"), "a=1@1");
    driven_free(driven);
}

/* ---- misuse ---- */

static void final_results_are_never_early(void **state)
{
    driven_topology *driven = driven_new();
    sf_stream *in = sf_builder_stream(driven->builder, "in", NULL);
    sf_table *counts = sf_grouped_count(
        sf_grouped_windowed(sf_stream_group_by_key(in, NULL), (sf_window){.size_ms = 10}),
        "counts");
    sf_suppressed early = {.name = "held", .until = SF_UNTIL_WINDOW_CLOSES, .max_records = 5};

    (void)state;
    (void)sf_table_suppress(counts, &early);
    assert_non_null(strstr(driven_build_error(driven), "sf_table_suppress"));
    driven_free(driven);
}

static void what_has_no_windows_has_no_final_results(void **state)
{
    driven_topology *driven =
        holding((sf_suppressed){.name = "held", .until = SF_UNTIL_WINDOW_CLOSES});

    (void)state;
    assert_non_null(strstr(driven_build_error(driven), "sf_table_suppress"));
    driven_free(driven);
}

static void a_buffer_wants_a_name(void **state)
{
    driven_topology *driven = holding((sf_suppressed){.limit_ms = 10});

    (void)state;
    assert_non_null(strstr(driven_build_error(driven), "a name for its buffer"));
    driven_free(driven);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_buffer_lets_the_oldest_go),
        cmocka_unit_test(bytes_are_a_bound_too),
        cmocka_unit_test(a_bound_holds_over_the_loss_of_the_disk),
        cmocka_unit_test(a_full_buffer_stops_the_program_if_told_so),
        cmocka_unit_test(an_update_keeps_its_headers_while_it_waits),
        cmocka_unit_test(logging_can_be_switched_off),
        cmocka_unit_test(final_results_are_never_early),
        cmocka_unit_test(what_has_no_windows_has_no_final_results),
        cmocka_unit_test(a_buffer_wants_a_name),
    };

    return run_tests(tests);
}
