/* Records without key at a repartition topic: they pass if all who take them behind it are left or outer
 * joins, which can do without. */
#include "check.h"
#include "support/driven_topology.h"

typedef struct two_sides {
    driven_topology *driven;
    sf_stream *left; /* through a repartition topic */
    sf_table *right;
} two_sides;

static two_sides two_sides_new(void)
{
    two_sides sides = {.driven = driven_new()};

    sides.left =
        sf_stream_repartition(sf_builder_stream(sides.driven->builder, "left", NULL), "moved", 0);
    sides.right =
        sf_builder_table(sides.driven->builder, "right", NULL, &(sf_materialized){.name = "rows"});
    return sides;
}

static void assert_null_keys(two_sides *sides, const char *expected)
{
    driven_start(sides->driven, NULL);
    driven_pipe(sides->driven, "left", NULL, "v", 1);
    assert_string_equal(driven_rows(sides->driven, "out"), expected);
    driven_free(sides->driven);
}

static void they_reach_a_left_join(void **state)
{
    two_sides sides = two_sides_new();

    (void)state;
    sf_stream_to(sf_stream_left_join_table(sides.left, sides.right, driven_pair, NULL, NULL),
                 "out");
    assert_null_keys(&sides, "-=v|-@1");
}

static void they_pass_what_stands_between(void **state)
{
    two_sides sides = two_sides_new();
    char suffix[] = "!";
    sf_stream *again = sf_stream_repartition(
        sf_stream_map_values(sides.left, driven_with_suffix, suffix), "again", 0);

    (void)state;
    sf_stream_to(sf_stream_left_join_table(again, sides.right, driven_pair, NULL, NULL), "out");
    assert_null_keys(&sides, "-=v!|-@1");
}

static void an_inner_join_keeps_them_out(void **state)
{
    two_sides sides = two_sides_new();

    (void)state;
    sf_stream_to(sf_stream_left_join_table(sides.left, sides.right, driven_pair, NULL, NULL),
                 "out");
    sf_stream_to(sf_stream_join_table(sides.left, sides.right, driven_pair, NULL, NULL), "inner");
    assert_null_keys(&sides, "");
}

static void a_topic_keeps_them_out(void **state)
{
    two_sides sides = two_sides_new();

    (void)state;
    sf_stream_to(sf_stream_left_join_table(sides.left, sides.right, driven_pair, NULL, NULL),
                 "out");
    sf_stream_to(sides.left, "as-they-are");
    assert_null_keys(&sides, "");
}

static void nobody_behind_keeps_them_out_and_counts_them(void **state)
{
    two_sides sides = two_sides_new();

    (void)state;
    sf_stream_to(sides.left, "out");
    driven_start(sides.driven, NULL);
    driven_pipe(sides.driven, "left", NULL, "v", 1);
    driven_pipe(sides.driven, "left", "k", "v", 1);

    assert_string_equal(driven_rows(sides.driven, "out"), "k=v@1");
    assert_int_equal(sf_test_driver_counters(sides.driven->driver).dropped, 1);
    driven_free(sides.driven);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_reach_a_left_join),
        cmocka_unit_test(they_pass_what_stands_between),
        cmocka_unit_test(an_inner_join_keeps_them_out),
        cmocka_unit_test(a_topic_keeps_them_out),
        cmocka_unit_test(nobody_behind_keeps_them_out_and_counts_them),
    };

    return run_tests(tests);
}
