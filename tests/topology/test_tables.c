/* Tables, and streams that meet them. */
#include <string.h>

#include "check.h"
#include "support/driven_topology.h"

static char mark[] = "!", letter_a[] = "a";

static sf_table *table(driven_topology *driven, const char *topic, const char *store)
{
    return sf_builder_table(driven->builder, topic, NULL, &(sf_materialized){.name = store});
}

static void a_table_holds_the_newest_value_of_each_key(void **state)
{
    driven_topology *driven = driven_new();

    (void)state;
    sf_stream_to(sf_table_to_stream(table(driven, "rows", "kept")), "out");
    driven_start(driven, NULL);
    driven_pipe(driven, "rows", "k", "1", 5);
    driven_pipe(driven, "rows", "k", "2", 3); /* later is newer, whatever its time */
    driven_pipe(driven, "rows", "l", "3", 4);
    driven_pipe(driven, "rows", "l", NULL, 6);
    driven_pipe(driven, "rows", NULL, "4", 6);

    assert_string_equal(driven_rows(driven, "out"), "k=1@5 k=2@3 l=3@4 l=-@6");
    assert_string_equal(driven_row(driven, "kept", "k"), "2");
    assert_string_equal(driven_row(driven, "kept", "l"), "-");
    assert_int_equal(sf_test_driver_counters(driven->driver).dropped, 1);
    driven_free(driven);
}

static void a_table_without_a_store_passes_its_rows(void **state)
{
    driven_topology *driven = driven_new();
    sf_table *rows = sf_builder_table(driven->builder, "rows", NULL, NULL);

    (void)state;
    sf_stream_to(sf_table_to_stream(rows), "out");
    driven_start(driven, NULL);
    driven_pipe(driven, "rows", "k", "1", 5);

    assert_string_equal(driven_rows(driven, "out"), "k=1@5");
    assert_int_equal(sf_test_driver_produced(driven->driver, "kept-changelog"), 0);
    driven_free(driven);
}

static void rows_that_are_filtered_out_become_deletions(void **state)
{
    driven_topology *driven = driven_new();
    sf_table *rows = table(driven, "rows", "kept");

    (void)state;
    sf_stream_to(sf_table_to_stream(sf_table_filter(rows, driven_begins_with, letter_a,
                                                    &(sf_materialized){.name = "taken"})),
                 "out");
    sf_stream_to(sf_table_to_stream(sf_table_filter_not(rows, driven_begins_with, letter_a, NULL)),
                 "others");
    driven_start(driven, NULL);
    driven_pipe(driven, "rows", "k", "ab", 1);
    driven_pipe(driven, "rows", "k", "ba", 2);
    driven_pipe(driven, "rows", "k", "bb", 3);

    assert_string_equal(driven_rows(driven, "out"), "k=ab@1 k=-@2");
    assert_string_equal(driven_rows(driven, "others"), "k=ba@2 k=bb@3");
    assert_string_equal(driven_row(driven, "taken", "k"), "-");
    driven_free(driven);
}

static void map_values_maps_rows_and_leaves_deletions(void **state)
{
    driven_topology *driven = driven_new();
    sf_table *rows = table(driven, "rows", "kept");

    (void)state;
    sf_stream_to(sf_table_to_stream(sf_table_map_values(rows, driven_with_suffix, mark,
                                                        &(sf_materialized){.name = "marked"})),
                 "out");
    driven_start(driven, NULL);
    driven_pipe(driven, "rows", "k", "1", 1);
    assert_string_equal(driven_row(driven, "marked", "k"), "1!");
    driven_pipe(driven, "rows", "k", NULL, 2);

    assert_string_equal(driven_rows(driven, "out"), "k=1!@1 k=-@2");
    driven_free(driven);
}

static void a_stream_becomes_a_table_by_its_new_key(void **state)
{
    driven_topology *driven = driven_new();
    sf_stream *keyed = sf_stream_select_key(sf_builder_stream(driven->builder, "in", NULL),
                                            driven_first_letter, NULL);

    (void)state;
    sf_stream_to_table(keyed, &(sf_materialized){.name = "by-letter"});
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "k", "a1", 1);
    driven_pipe(driven, "in", "l", "a2", 2);

    assert_string_equal(driven_row(driven, "by-letter", "a"), "a2");
    assert_int_equal(sf_test_driver_produced(driven->driver, "by-letter-repartition"), 2);
    driven_free(driven);
}

static driven_topology *joining(bool is_left)
{
    driven_topology *driven = driven_new();
    sf_stream *in = sf_builder_stream(driven->builder, "in", NULL);
    sf_table *rows = table(driven, "rows", "kept");

    sf_stream_to(is_left ? sf_stream_left_join_table(in, rows, driven_pair, NULL, NULL)
                         : sf_stream_join_table(in, rows, driven_pair, NULL, NULL),
                 "out");
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "k", "early", 1);
    driven_pipe(driven, "rows", "k", "row", 2);
    driven_pipe(driven, "in", "k", "there", 3);
    driven_pipe(driven, "in", "l", "other", 4);
    driven_pipe(driven, "in", NULL, "keyless", 5);
    driven_pipe(driven, "in", "k", NULL, 6);
    driven_pipe(driven, "rows", "k", NULL, 7);
    driven_pipe(driven, "in", "k", "after", 8);
    return driven;
}

static void an_inner_join_gives_records_with_a_row(void **state)
{
    driven_topology *driven = joining(false);

    (void)state;
    assert_string_equal(driven_rows(driven, "out"), "k=there|row@3");
    assert_int_equal(sf_test_driver_counters(driven->driver).dropped, 2);
    driven_free(driven);
}

static void a_left_join_gives_all_records(void **state)
{
    driven_topology *driven = joining(true);

    (void)state;
    assert_string_equal(driven_rows(driven, "out"),
                        "k=early|-@1 k=there|row@3 l=other|-@4 -=keyless|-@5 k=after|-@8");
    assert_int_equal(sf_test_driver_counters(driven->driver).dropped, 1);
    driven_free(driven);
}

static void null_keys_pass_a_repartition_only_for_left_joins(void **state)
{
    driven_topology *driven = driven_new();
    sf_stream *left =
        sf_stream_repartition(sf_builder_stream(driven->builder, "in", NULL), "left", 0);
    sf_stream *inner =
        sf_stream_repartition(sf_builder_stream(driven->builder, "other", NULL), "inner", 0);
    sf_table *rows = table(driven, "rows", "kept");

    (void)state;
    sf_stream_to(sf_stream_left_join_table(left, rows, driven_pair, NULL, NULL), "left-out");
    sf_stream_to(sf_stream_join_table(inner, rows, driven_pair, NULL, NULL), "inner-out");
    driven_start(driven, NULL);
    driven_pipe(driven, "in", NULL, "x", 1);
    driven_pipe(driven, "other", NULL, "x", 1);

    assert_string_equal(driven_rows(driven, "left-out"), "-=x|-@1");
    assert_int_equal(sf_test_driver_produced(driven->driver, "inner-repartition"), 0);
    assert_int_equal(sf_test_driver_counters(driven->driver).dropped, 1);
    driven_free(driven);
}

/* With several inputs waiting the oldest record goes first: the row is there before the record that
 * wants it, though it was appended after. */
static void the_oldest_record_of_all_inputs_is_taken_first(void **state)
{
    driven_topology *driven = driven_new();
    sf_stream *in = sf_builder_stream(driven->builder, "in", NULL);
    sf_record late = {sf_bytes_text("k"), sf_bytes_text("wants"), 10, {NULL, 0}};
    sf_record early = {sf_bytes_text("k"), sf_bytes_text("row"), 9, {NULL, 0}};

    (void)state;
    sf_stream_to(sf_stream_join_table(in, table(driven, "rows", "kept"), driven_pair, NULL, NULL),
                 "out");
    driven_start(driven, NULL);
    assert_ok(sf_test_driver_append(driven->driver, "in", &late, err));
    assert_ok(sf_test_driver_append(driven->driver, "rows", &early, err));
    assert_ok(sf_test_driver_run(driven->driver, err));

    assert_string_equal(driven_rows(driven, "out"), "k=wants|row@10");
    driven_free(driven);
}

static void a_table_may_be_written_otherwise_from_some_point_on(void **state)
{
    driven_topology *driven = driven_new();
    sf_consumed numbers = {.value = &sf_int64_serde};
    sf_table *rows =
        sf_builder_table(driven->builder, "rows", &numbers, &(sf_materialized){.name = "kept"});
    sf_record row = {.key = sf_bytes_text("k"), .value = sf_bytes_of("\0\0\0\0\0\0\0\x02", 8)};
    sf_record record;

    (void)state;
    sf_stream_to(sf_table_to_stream(rows), "wire");
    sf_stream_to(sf_table_to_stream(sf_table_as(rows, NULL, &sf_bytes_serde)), "in-flight");
    driven_start(driven, NULL);
    assert_ok(sf_test_driver_pipe(driven->driver, "rows", &row, err));

    assert_true(sf_test_driver_read(driven->driver, "wire", &record));
    assert_memory_equal(record.value.data, row.value.data, 8);
    assert_true(sf_test_driver_read(driven->driver, "in-flight", &record));
    assert_memory_equal(record.value.data, "\x02\0\0\0\0\0\0\0", 8);
    driven_free(driven);
}

/* Key: the row's value as a number; value: the row's key. */
static sf_status turn_round(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                            sf_error *err)
{
    (void)user;
    (void)arena;
    (void)err;
    out->key = in->value;
    out->value = in->key;
    return SF_OK;
}

static void a_regrouped_table_says_how_its_topic_is_written(void **state)
{
    driven_topology *driven = driven_new();
    sf_consumed numbers = {.key = &sf_string_serde, .value = &sf_int64_serde};
    sf_table *rows =
        sf_builder_table(driven->builder, "rows", &numbers, &(sf_materialized){.name = "kept"});
    sf_table_grouped *by_number = sf_table_group_by(rows, turn_round, NULL, "by-number");
    sf_record row = {.key = sf_bytes_text("k"), .value = sf_bytes_of("\0\0\0\0\0\0\0\x02", 8)};
    sf_record record;

    (void)state;
    sf_table_grouped_count(sf_table_grouped_as(by_number, &sf_int64_serde, &sf_string_serde),
                           &(sf_materialized){.name = "counts", .key = &sf_int64_serde});
    driven_start(driven, NULL);
    assert_ok(sf_test_driver_pipe(driven->driver, "rows", &row, err));

    assert_true(sf_test_driver_read(driven->driver, "by-number-repartition", &record));
    assert_memory_equal(record.key.data, row.value.data, 8); /* big-endian, as in the topic */
    assert_true(sf_test_driver_read(driven->driver, "counts-changelog", &record));
    assert_memory_equal(record.key.data, row.value.data, 8);
    driven_free(driven);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_holds_the_newest_value_of_each_key),
        cmocka_unit_test(a_table_without_a_store_passes_its_rows),
        cmocka_unit_test(rows_that_are_filtered_out_become_deletions),
        cmocka_unit_test(map_values_maps_rows_and_leaves_deletions),
        cmocka_unit_test(a_stream_becomes_a_table_by_its_new_key),
        cmocka_unit_test(an_inner_join_gives_records_with_a_row),
        cmocka_unit_test(a_left_join_gives_all_records),
        cmocka_unit_test(null_keys_pass_a_repartition_only_for_left_joins),
        cmocka_unit_test(the_oldest_record_of_all_inputs_is_taken_first),
        cmocka_unit_test(a_table_may_be_written_otherwise_from_some_point_on),
        cmocka_unit_test(a_regrouped_table_says_how_its_topic_is_written),
    };

    return run_tests(tests);
}
