/* count, reduce and aggregate over keys. */
#include <string.h>

#include "check.h"
#include "support/driven_topology.h"

static sf_grouped *by_key(driven_topology *driven)
{
    return sf_stream_group_by_key(sf_builder_stream(driven->builder, "in", NULL), NULL);
}

static void table_to(sf_table *table, const char *topic)
{
    sf_stream_to(sf_table_to_stream(table), topic);
}

static void count_counts_per_key(void **state)
{
    driven_topology *driven = driven_new();

    (void)state;
    table_to(sf_grouped_count(by_key(driven), "counts"), "out");
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "a", "x", 1);
    driven_pipe(driven, "in", "b", "x", 2);
    driven_pipe(driven, "in", "a", "y", 3);

    assert_string_equal(driven_rows(driven, "out"), "a=1@1 b=1@2 a=2@3");
    assert_string_equal(driven_row(driven, "counts", "a"), "2");
    assert_string_equal(driven_row(driven, "counts", "c"), "-");
    driven_free(driven);
}

static void records_without_key_or_value_are_dropped_and_counted(void **state)
{
    driven_topology *driven = driven_new();

    (void)state;
    table_to(sf_grouped_count(by_key(driven), "counts"), "out");
    driven_start(driven, NULL);
    driven_pipe(driven, "in", NULL, "x", 1);
    driven_pipe(driven, "in", "a", NULL, 2);

    assert_string_equal(driven_rows(driven, "out"), "");
    assert_int_equal(sf_test_driver_counters(driven->driver).dropped, 2);
    assert_int_equal(sf_test_driver_counters(driven->driver).processed, 2);
    driven_free(driven);
}

static void reduce_takes_the_first_value_as_it_is(void **state)
{
    driven_topology *driven = driven_new();
    sf_materialized kept = {.name = "joined"};

    (void)state;
    table_to(sf_grouped_reduce(by_key(driven), driven_concat, NULL, &kept), "out");
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "a", "x", 1);
    driven_pipe(driven, "in", "a", "y", 2);

    assert_string_equal(driven_rows(driven, "out"), "a=x@1 a=x+y@2");
    driven_free(driven);
}

static void aggregate_begins_with_the_initial_value(void **state)
{
    driven_topology *driven = driven_new();
    sf_aggregation folding = {.add = driven_concat, .initial = sf_bytes_text("0")};
    sf_materialized kept = {.name = "folded"};

    (void)state;
    table_to(sf_grouped_aggregate(by_key(driven), &folding, &kept), "out");
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "a", "x", 1);
    driven_pipe(driven, "in", "b", "y", 2);
    driven_pipe(driven, "in", "a", "z", 3);

    assert_string_equal(driven_rows(driven, "out"), "a=0+x@1 b=0+y@2 a=0+x+z@3");
    driven_free(driven);
}

static void the_result_has_the_largest_timestamp_of_its_group(void **state)
{
    driven_topology *driven = driven_new();

    (void)state;
    table_to(sf_grouped_count(by_key(driven), "counts"), "out");
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "a", "x", 10);
    driven_pipe(driven, "in", "a", "x", 4);
    driven_pipe(driven, "in", "a", "x", 12);

    assert_string_equal(driven_rows(driven, "out"), "a=1@10 a=2@10 a=3@12");
    driven_free(driven);
}

/* A value of "-" deletes. */
static sf_status newest_or_gone(void *user, sf_arena *arena, const sf_record *record,
                                sf_bytes *aggregate, sf_error *err)
{
    (void)user;
    (void)arena;
    (void)err;
    *aggregate = record->value.data[0] == '-' ? SF_NULL : record->value;
    return SF_OK;
}

static void a_null_result_deletes_the_entry(void **state)
{
    driven_topology *driven = driven_new();
    sf_aggregation newest = {.add = newest_or_gone};

    (void)state;
    table_to(sf_grouped_aggregate(by_key(driven), &newest, &(sf_materialized){.name = "newest"}),
             "out");
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "a", "x", 1);
    driven_pipe(driven, "in", "a", "-", 2);
    driven_pipe(driven, "in", "a", "-", 3);

    assert_string_equal(driven_rows(driven, "out"), "a=x@1 a=-@2");
    assert_string_equal(driven_row(driven, "newest", "a"), "-");
    driven_free(driven);
}

typedef struct totals {
    int64_t count;
    int64_t length;
} totals;

static sf_status add_in_place(void *user, sf_arena *arena, const sf_record *record,
                              sf_bytes *aggregate, sf_error *err)
{
    totals *sum = (totals *)(uintptr_t)aggregate->data;

    (void)user;
    (void)arena;
    (void)err;
    sum->count++;
    sum->length += (int64_t)record->value.size;
    return SF_OK;
}

static void an_aggregate_may_be_changed_in_place(void **state)
{
    driven_topology *driven = driven_new();
    totals zero = {0, 0}, sum;
    sf_aggregation adding = {.add = add_in_place, .initial = sf_bytes_of(&zero, sizeof(zero))};
    sf_stored stored;

    (void)state;
    sf_grouped_aggregate(by_key(driven), &adding, &(sf_materialized){.name = "totals"});
    driven_start(driven, NULL);
    driven_pipe(driven, "in", "a", "xyz", 1);
    driven_pipe(driven, "in", "b", "x", 1);
    driven_pipe(driven, "in", "a", "vw", 1);

    assert_ok(sf_key_value_store_get(sf_test_driver_key_value_store(driven->driver, "totals", 0),
                                     sf_bytes_text("a"), &stored, err));
    assert_int_equal(stored.value.size, sizeof(sum));
    memcpy(&sum, stored.value.data, sizeof(sum));
    assert_int_equal(sum.count, 2);
    assert_int_equal(sum.length, 5);
    driven_free(driven);
}

static void group_by_meets_equal_keys_through_a_topic(void **state)
{
    driven_topology *driven = driven_new();
    sf_stream *in = sf_builder_stream(driven->builder, "in", NULL);
    sf_grouped *letters = sf_stream_group_by(in, driven_first_letter, NULL, "by-letter");

    (void)state;
    table_to(sf_grouped_count(letters, "counts"), "out");
    table_to(sf_grouped_reduce(letters, driven_concat, NULL, &(sf_materialized){.name = "texts"}),
             "texts-out");
    driven_start(driven, &(sf_test_driver_options){.partitions = 3});
    driven_pipe(driven, "in", "1", "ab", 1);
    driven_pipe(driven, "in", "2", "ac", 2);
    driven_pipe(driven, "in", "3", "b", 3);
    driven_pipe(driven, "in", "4", "", 4);

    assert_int_equal(sf_test_driver_produced(driven->driver, "by-letter-repartition"), 3);
    assert_int_equal(sf_test_driver_counters(driven->driver).dropped, 1);
    assert_int_equal(sf_test_driver_produced(driven->driver, "out"), 3);
    assert_int_equal(sf_test_driver_produced(driven->driver, "texts-out"), 3);
    driven_free(driven);
}

static void run_with_caching(bool caching_off, char *final_row, size_t *outputs)
{
    driven_topology *driven = driven_new();
    sf_materialized kept = {.name = "folded", .caching_off = caching_off};

    table_to(sf_grouped_reduce(by_key(driven), driven_concat, NULL, &kept), "out");
    driven_start(driven, &(sf_test_driver_options){.commit_by_hand = true});
    driven_pipe(driven, "in", "a", "1", 1);
    driven_pipe(driven, "in", "b", "2", 5);
    driven_pipe(driven, "in", "a", "3", 3);
    assert_int_equal(sf_test_driver_unread(driven->driver, "out"), 0); /* nothing committed */
    assert_ok(sf_test_driver_commit(driven->driver, err));
    strcpy(final_row, driven_row(driven, "folded", "a"));
    *outputs = sf_test_driver_produced(driven->driver, "out");
    if (!caching_off)
        assert_string_equal(driven_rows(driven, "out"), "b=2@5 a=1+3@3");
    else
        assert_string_equal(driven_rows(driven, "out"), "a=1@1 b=2@5 a=1+3@3");
    driven_free(driven);
}

static void caching_sends_the_newest_of_each_key_and_keeps_the_same_state(void **state)
{
    char cached[32], direct[32];
    size_t cached_outputs, direct_outputs;

    (void)state;
    run_with_caching(false, cached, &cached_outputs);
    run_with_caching(true, direct, &direct_outputs);

    assert_string_equal(cached, direct);
    assert_string_equal(cached, "1+3");
    assert_int_equal(cached_outputs, 2);
    assert_int_equal(direct_outputs, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(count_counts_per_key),
        cmocka_unit_test(records_without_key_or_value_are_dropped_and_counted),
        cmocka_unit_test(reduce_takes_the_first_value_as_it_is),
        cmocka_unit_test(aggregate_begins_with_the_initial_value),
        cmocka_unit_test(the_result_has_the_largest_timestamp_of_its_group),
        cmocka_unit_test(a_null_result_deletes_the_entry),
        cmocka_unit_test(an_aggregate_may_be_changed_in_place),
        cmocka_unit_test(group_by_meets_equal_keys_through_a_topic),
        cmocka_unit_test(caching_sends_the_newest_of_each_key_and_keeps_the_same_state),
    };

    return run_tests(tests);
}
