/* Records that are too large to be sent or kept are refused like any other, and leave no trace. */
#include <string.h>

#include "check.h"
#include "support/driven_topology.h"

enum { LIMIT = 600 };

/* Ten times as long. */
static sf_status blow_up(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                         sf_error *err)
{
    uint8_t *bytes = sf_arena_alloc(arena, in->value.size * 10);

    (void)user;
    (void)err;
    for (size_t i = 0; i < 10; i++)
        memcpy(bytes + i * in->value.size, in->value.data, in->value.size);
    *out = *in;
    out->value = sf_bytes_of(bytes, in->value.size * 10);
    return SF_OK;
}

static const char *long_text(char character)
{
    static char text[80];

    memset(text, character, sizeof(text) - 1);
    return text;
}

/* Each value is kept in "newest", then sent on ten times as long. */
static driven_topology *blown_up(sf_on_error on_error, size_t limit)
{
    driven_topology *driven = driven_new();
    sf_consumed consumed = {.on_error = on_error};
    sf_stream *in = sf_builder_stream(driven->builder, "in", &consumed);
    sf_materialized newest = {.name = "newest", .caching_off = true};
    sf_stream *kept = sf_table_to_stream(sf_stream_to_table(in, &newest));

    sf_stream_to(sf_stream_named(sf_stream_map(kept, blow_up, NULL), "larger"), "out");
    driven_start(driven, &(sf_test_driver_options){.record_max_bytes = limit});
    return driven;
}

static void a_skipped_output_leaves_no_trace(void **state)
{
    driven_topology *driven = blown_up(SF_ON_ERROR_SKIP, LIMIT);

    (void)state;
    driven_pipe(driven, "in", "k", "a", 1);
    driven_pipe(driven, "in", "k", long_text('b'), 2);
    driven_pipe(driven, "in", "k", "c", 3);

    assert_string_equal(driven_rows(driven, "out"), "k=aaaaaaaaaa@1 k=cccccccccc@3");
    assert_int_equal(sf_test_driver_produced(driven->driver, "newest-changelog"), 2);
    assert_int_equal(sf_test_driver_counters(driven->driver).skipped, 1);
    driven_free(driven);
}

static void an_output_of_any_size_goes_out_without_a_limit(void **state)
{
    driven_topology *driven = blown_up(SF_ON_ERROR_FAIL, 0);

    (void)state;
    driven_pipe(driven, "in", "k", long_text('b'), 2);

    assert_int_equal(sf_test_driver_produced(driven->driver, "out"), 1);
    driven_free(driven);
}

static void its_input_becomes_a_dead_letter(void **state)
{
    driven_topology *driven = blown_up(SF_ON_ERROR_DEAD_LETTER, LIMIT);
    sf_record letter;

    (void)state;
    driven_pipe(driven, "in", "k", long_text('b'), 2);

    assert_string_equal(driven_rows(driven, "out"), "");
    assert_string_equal(driven_row(driven, "newest", "k"), "-");
    assert_true(sf_test_driver_read(driven->driver, "dlq", &letter));
    assert_bytes(letter.value, long_text('b'));
    assert_bytes(sf_headers_last(letter.headers, "__streams.errors.message")->value,
                 "a record of 791 bytes is larger than the 600 that can be sent");
    driven_free(driven);
}

static void failing_says_what_was_too_large(void **state)
{
    driven_topology *driven = blown_up(SF_ON_ERROR_FAIL, LIMIT);
    sf_error err;

    (void)state;
    assert_int_equal(sf_test_driver_pipe_text(driven->driver, "in", "k", long_text('b'), 2, &err),
                     SF_STOP);

    assert_non_null(strstr(err.text, "record of in/0 at offset 0: "));
    assert_non_null(strstr(err.text, "791 bytes is larger than the 600 that can be sent"));
    driven_free(driven);
}

/* It came in, but with its reasons it does not go out again: it must not be lost without a word. */
static void a_dead_letter_that_is_too_large_stops(void **state)
{
    driven_topology *driven = blown_up(SF_ON_ERROR_DEAD_LETTER, 200);
    sf_error err;

    (void)state;
    assert_int_equal(sf_test_driver_pipe_text(driven->driver, "in", "k", long_text('b'), 2, &err),
                     SF_STOP);

    assert_int_equal(err.status, SF_STOP);
    assert_non_null(strstr(err.text, "dead letter of in/0 at offset 0: a record of "));
    driven_free(driven);
}

static void headers_count(void **state)
{
    driven_topology *driven = blown_up(SF_ON_ERROR_SKIP, LIMIT);
    sf_header header = {"trace", sf_bytes_text(long_text('h'))};
    sf_record small = {sf_bytes_text("k"), sf_bytes_text(long_text('v')), 1, {NULL, 0}};
    sf_record with_header = small;

    (void)state;
    small.value.size = 49;
    with_header.value.size = 49;
    with_header.headers = (sf_headers){&header, 1};
    assert_ok(sf_test_driver_pipe(driven->driver, "in", &small, err));
    assert_int_equal(sf_test_driver_produced(driven->driver, "out"), 1);

    assert_ok(sf_test_driver_pipe(driven->driver, "in", &with_header, err)); /* 491 + 5 + 79 + 21 */
    assert_int_equal(sf_test_driver_produced(driven->driver, "out"), 2);
    with_header.headers.items = (sf_header[]){{"trace-of-it", sf_bytes_text(long_text('h'))}};
    assert_ok(sf_test_driver_pipe(driven->driver, "in", &with_header, err)); /* 602 */

    assert_int_equal(sf_test_driver_produced(driven->driver, "out"), 2);
    assert_int_equal(sf_test_driver_counters(driven->driver).skipped, 1);
    driven_free(driven);
}

/* ---- rows ---- */

static driven_topology *growing(bool logging_off)
{
    driven_topology *driven = driven_new();
    sf_consumed consumed = {.on_error = SF_ON_ERROR_SKIP};
    sf_stream *in = sf_builder_stream(driven->builder, "in", &consumed);
    sf_materialized all = {.name = "all", .logging_off = logging_off};

    sf_grouped_aggregate(sf_stream_group_by_key(in, "by-key"),
                         &(sf_aggregation){.add = driven_concat}, &all);
    driven_start(driven, &(sf_test_driver_options){.record_max_bytes = LIMIT});
    return driven;
}

static size_t grown_to(driven_topology *driven)
{
    sf_stored stored;
    sf_key_value_store *store = sf_test_driver_key_value_store(driven->driver, "all", 0);

    for (int64_t i = 0; i < 20; i++)
        driven_pipe(driven, "in", "k", long_text('v'), i);
    assert_ok(sf_key_value_store_get(store, sf_bytes_text("k"), &stored, err));
    return stored.value.size;
}

static void an_aggregate_stays_as_large_as_its_changelog_takes(void **state)
{
    driven_topology *driven = growing(false);

    (void)state;
    assert_int_equal(grown_to(driven), 7 * 80); /* the eighth would make 640 */
    assert_int_equal(sf_test_driver_counters(driven->driver).skipped, 13);
    driven_free(driven);
}

static void an_aggregate_without_changelog_may_grow(void **state)
{
    driven_topology *driven = growing(true);

    (void)state;
    assert_int_equal(grown_to(driven), 20 * 80);
    assert_int_equal(sf_test_driver_counters(driven->driver).skipped, 0);
    driven_free(driven);
}

/* The changelog gets them one by one. */
static void many_versions_of_a_key_are_not_one_row(void **state)
{
    driven_topology *driven = driven_new();
    sf_consumed consumed = {.on_error = SF_ON_ERROR_SKIP};
    sf_materialized kept = {.name = "versions", .history_ms = 1000};

    (void)state;
    sf_builder_table(driven->builder, "in", &consumed, &kept);
    driven_start(driven, &(sf_test_driver_options){.record_max_bytes = LIMIT});
    for (int64_t i = 0; i < 20; i++)
        driven_pipe(driven, "in", "k", long_text('v'), i);

    assert_int_equal(sf_test_driver_counters(driven->driver).skipped, 0);
    assert_int_equal(sf_test_driver_produced(driven->driver, "versions-changelog"), 20);
    driven_free(driven);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_skipped_output_leaves_no_trace),
        cmocka_unit_test(an_output_of_any_size_goes_out_without_a_limit),
        cmocka_unit_test(its_input_becomes_a_dead_letter),
        cmocka_unit_test(failing_says_what_was_too_large),
        cmocka_unit_test(a_dead_letter_that_is_too_large_stops),
        cmocka_unit_test(headers_count),
        cmocka_unit_test(an_aggregate_stays_as_large_as_its_changelog_takes),
        cmocka_unit_test(an_aggregate_without_changelog_may_grow),
        cmocka_unit_test(many_versions_of_a_key_are_not_one_row),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
