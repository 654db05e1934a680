/* Tables that meet tables by key. */
#include "check.h"
#include "support/driven_topology.h"

typedef sf_table *(*join_fn)(sf_table *left, sf_table *right, sf_join_fn join, void *user,
                             const sf_materialized *materialized);

static sf_table *table(driven_topology *driven, const char *topic)
{
    return sf_builder_table(driven->builder, topic, NULL,
                            &(sf_materialized){.name = topic, .caching_off = true});
}

static driven_topology *joining(join_fn join, const sf_materialized *materialized)
{
    driven_topology *driven = driven_new();
    sf_table *left = table(driven, "left"), *right = table(driven, "right");

    sf_stream_to(sf_table_to_stream(join(left, right, driven_pair, NULL, materialized)), "out");
    driven_start(driven, NULL);
    return driven;
}

static void an_inner_join_has_a_row_while_both_sides_have_one(void **state)
{
    driven_topology *driven = joining(sf_table_join, NULL);

    (void)state;
    driven_pipe(driven, "left", "k", "a", 5);
    driven_pipe(driven, "right", "k", "1", 3);
    driven_pipe(driven, "right", "k", "2", 8);
    driven_pipe(driven, "left", "k", NULL, 6);
    driven_pipe(driven, "right", "k", "3", 9);
    driven_pipe(driven, "left", "other", "b", 1);

    assert_string_equal(driven_rows(driven, "out"), "k=a|1@5 k=a|2@8 k=-@8");
    driven_free(driven);
}

static void a_left_join_has_a_row_while_the_left_side_has_one(void **state)
{
    driven_topology *driven = joining(sf_table_left_join, NULL);

    (void)state;
    driven_pipe(driven, "right", "k", "1", 3);
    driven_pipe(driven, "left", "k", "a", 2);
    driven_pipe(driven, "right", "k", NULL, 4);
    driven_pipe(driven, "left", "k", NULL, 5);
    driven_pipe(driven, "left", "k", NULL, 6);

    assert_string_equal(driven_rows(driven, "out"), "k=a|1@3 k=a|-@4 k=-@5");
    driven_free(driven);
}

static void an_outer_join_has_a_row_while_any_side_has_one(void **state)
{
    driven_topology *driven = joining(sf_table_outer_join, &(sf_materialized){.name = "both"});

    (void)state;
    driven_pipe(driven, "right", "k", "1", 3);
    driven_pipe(driven, "left", "k", "a", 2);
    driven_pipe(driven, "right", "k", NULL, 4);
    assert_string_equal(driven_row(driven, "both", "k"), "a|-");
    driven_pipe(driven, "left", "k", NULL, 5);
    driven_pipe(driven, "right", "k", NULL, 6);

    assert_string_equal(driven_rows(driven, "out"), "k=|1@3 k=a|1@3 k=a|-@4 k=-@5");
    driven_free(driven);
}

static void a_join_looks_through_what_is_not_kept(void **state)
{
    static char mark[] = "!", letter[] = "a";
    driven_topology *driven = driven_new();
    sf_table *left = table(driven, "left"), *right = table(driven, "right");
    sf_table *both = sf_table_join(left, right, driven_pair, NULL, NULL);
    sf_table *third = sf_table_map_values(
        sf_table_filter(table(driven, "third"), driven_begins_with, letter, NULL),
        driven_with_suffix, mark, NULL);

    (void)state;
    sf_stream_to(sf_table_to_stream(sf_table_left_join(both, third, driven_pair, NULL, NULL)),
                 "out");
    driven_start(driven, NULL);
    driven_pipe(driven, "left", "k", "x", 1);
    driven_pipe(driven, "third", "k", "ab", 7);
    driven_pipe(driven, "right", "k", "y", 2);
    driven_pipe(driven, "third", "k", "b", 3);
    driven_pipe(driven, "third", "k", "ac", 4);

    assert_string_equal(driven_rows(driven, "out"), "k=x|y|ab!@7 k=x|y|-@3 k=x|y|ac!@4");
    driven_free(driven);
}

static void a_table_that_meets_itself_sends_both_sides(void **state)
{
    driven_topology *driven = driven_new();
    sf_table *rows = table(driven, "left");

    (void)state;
    sf_stream_to(sf_table_to_stream(sf_table_join(rows, rows, driven_pair, NULL, NULL)), "out");
    driven_start(driven, NULL);
    driven_pipe(driven, "left", "k", "x", 1);

    assert_string_equal(driven_rows(driven, "out"), "k=x|x@1 k=x|x@1");
    driven_free(driven);
}

static void a_join_of_a_table_that_is_not_kept_is_refused(void **state)
{
    driven_topology *driven = driven_new();

    (void)state;
    (void)sf_table_join(table(driven, "left"),
                        sf_builder_table(driven->builder, "right", NULL, NULL), driven_pair, NULL,
                        NULL);

    assert_string_equal(
        driven_build_error(driven),
        "a join of tables wants a table that is kept: give it a name by sf_materialized");
    driven_free(driven);
}

/* ---- windows ---- */

static void windowed_tables_meet_by_key_and_window(void **state)
{
    driven_topology *driven = driven_new();
    sf_window window = {.size_ms = 10};
    sf_table *left = sf_grouped_reduce(
        sf_grouped_windowed(
            sf_stream_group_by_key(sf_builder_stream(driven->builder, "left", NULL), NULL), window),
        driven_concat, NULL, &(sf_materialized){.name = "left-rows"});
    sf_table *right = sf_grouped_reduce(
        sf_grouped_windowed(
            sf_stream_group_by_key(sf_builder_stream(driven->builder, "right", NULL), NULL),
            window),
        driven_concat, NULL, &(sf_materialized){.name = "right-rows"});

    (void)state;
    sf_stream_to(sf_table_to_stream(sf_table_outer_join(left, right, driven_pair, NULL, NULL)),
                 "out");
    driven_start(driven, NULL);
    driven_pipe(driven, "left", "k", "a", 1);
    driven_pipe(driven, "right", "k", "1", 12);
    driven_pipe(driven, "right", "k", "2", 3);

    assert_string_equal(driven_rows(driven, "out"), "k/0=a|-@1 k/10=|1@12");
    driven_free(driven);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_inner_join_has_a_row_while_both_sides_have_one),
        cmocka_unit_test(a_left_join_has_a_row_while_the_left_side_has_one),
        cmocka_unit_test(an_outer_join_has_a_row_while_any_side_has_one),
        cmocka_unit_test(a_join_looks_through_what_is_not_kept),
        cmocka_unit_test(a_table_that_meets_itself_sends_both_sides),
        cmocka_unit_test(a_join_of_a_table_that_is_not_kept_is_refused),
        cmocka_unit_test(windowed_tables_meet_by_key_and_window),
    };

    return run_tests(tests);
}
