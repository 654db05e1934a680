/* The headers that results bear: those of the record that changed them last, held back or not. */
#include <string.h>

#include "check.h"
#include "support/driven_topology.h"

static sf_grouped *by_key(driven_topology *driven)
{
    return sf_stream_group_by_key(sf_builder_stream(driven->builder, "in", NULL), NULL);
}

static sf_table *count(sf_grouped *grouped, bool caching_off)
{
    sf_materialized kept = {.name = "counts", .caching_off = caching_off};

    return sf_grouped_count_with(grouped, &kept);
}

static void pipe_with(driven_topology *driven, const char *key, const char *header)
{
    sf_header item = {"h", sf_bytes_text(header)};
    sf_record record = {.key = sf_bytes_text(key),
                        .value = sf_bytes_text("x"),
                        .timestamp = 5,
                        .headers = {&item, 1}};

    assert_ok(sf_test_driver_pipe(driven->driver, "in", &record, err));
}

static void assert_next_bears(driven_topology *driven, const char *header)
{
    sf_record record;

    assert_true(sf_test_driver_read(driven->driver, "out", &record));
    assert_int_equal(record.headers.count, 1);
    assert_string_equal(record.headers.items[0].name, "h");
    assert_bytes(record.headers.items[0].value, header);
}

/* Two changes of one key in one commit. Frees. */
static void check_changes(driven_topology *driven, sf_table *table, bool caching_off)
{
    sf_test_driver_options options = {.commit_by_hand = true};
    sf_record record;

    sf_stream_to(sf_table_to_stream(table), "out");
    driven_start(driven, &options);
    pipe_with(driven, "a", "1");
    pipe_with(driven, "a", "2");
    assert_ok(sf_test_driver_commit(driven->driver, err));
    if (caching_off)
        assert_next_bears(driven, "1");
    assert_next_bears(driven, "2");
    assert_false(sf_test_driver_read(driven->driver, "out", &record));
    driven_free(driven);
}

static void an_aggregate_bears_the_headers_of_the_last_record(void **state)
{
    (void)state;
    for (int caching_off = 0; caching_off < 2; caching_off++) {
        driven_topology *driven = driven_new();

        check_changes(driven, count(by_key(driven), caching_off), caching_off);
    }
}

static void a_windowed_aggregate_does_too(void **state)
{
    sf_window window = {.size_ms = 10};

    (void)state;
    for (int caching_off = 0; caching_off < 2; caching_off++) {
        driven_topology *driven = driven_new();
        sf_grouped *grouped = sf_grouped_windowed(by_key(driven), window);

        check_changes(driven, count(grouped, caching_off), caching_off);
    }
}

/* The same session again: nothing is removed in between. */
static void a_session_does_too(void **state)
{
    sf_session_window window = {.gap_ms = 10};

    (void)state;
    for (int caching_off = 0; caching_off < 2; caching_off++) {
        driven_topology *driven = driven_new();
        sf_grouped *grouped = sf_grouped_sessions(by_key(driven), window);

        check_changes(driven, count(grouped, caching_off), caching_off);
    }
}

static void a_table_of_a_topic_does_too(void **state)
{
    (void)state;
    for (int caching_off = 0; caching_off < 2; caching_off++) {
        driven_topology *driven = driven_new();
        sf_materialized kept = {.name = "rows", .caching_off = caching_off};

        check_changes(driven, sf_builder_table(driven->builder, "in", NULL, &kept), caching_off);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_aggregate_bears_the_headers_of_the_last_record),
        cmocka_unit_test(a_windowed_aggregate_does_too),
        cmocka_unit_test(a_session_does_too),
        cmocka_unit_test(a_table_of_a_topic_does_too),
    };

    return run_tests(tests);
}
