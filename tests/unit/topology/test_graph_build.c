/* graph_build.c, by way of the builder: what is refused, with which sentence; what belongs together. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "support/driven_topology.h"
#include "topology/topology_implementation.h"

static void refused(driven_topology *driven, const char *sentence)
{
    assert_string_equal(driven_build_error(driven), sentence);
    driven_free(driven);
}

static sf_stream *in(driven_topology *driven)
{
    return sf_builder_stream(driven->builder, "in", NULL);
}

static sf_materialized named(const char *name)
{
    return (sf_materialized){.name = name};
}

/* ---- misuse ---- */

static void nothing_to_read_is_refused(void **state)
{
    (void)state;
    refused(driven_new(), "nothing is read: a topology needs a stream or a table");
}

static void a_topic_read_in_two_ways_is_refused(void **state)
{
    driven_topology *driven = driven_new();

    (void)state;
    in(driven);
    sf_builder_table(driven->builder, "in", NULL, NULL);
    refused(driven, "the topic 'in' is read twice: read it once and use that stream or table where "
                    "it is needed");
}

static void a_repartition_without_a_name_is_refused(void **state)
{
    driven_topology *driven = driven_new();
    sf_stream *keyed = sf_stream_select_key(in(driven), driven_first_letter, NULL);

    (void)state;
    sf_grouped_count(sf_stream_group_by_key(keyed, NULL), "counts");
    refused(driven, "sf_stream_group_by_key needs a repartition topic, since the key may have "
                    "changed before it: give it a name");
}

static void an_aggregate_without_a_name_is_refused(void **state)
{
    driven_topology *driven = driven_new();

    (void)state;
    sf_grouped_count(sf_stream_group_by_key(in(driven), NULL), NULL);
    refused(driven, "an aggregate wants an sf_materialized with a name");
}

static void two_stores_of_one_name_are_refused(void **state)
{
    driven_topology *driven = driven_new();
    sf_grouped *by_key = sf_stream_group_by_key(in(driven), NULL);

    (void)state;
    sf_grouped_count(by_key, "counts");
    sf_grouped_count(by_key, "counts");
    refused(driven, "two stores are called 'counts'");
}

static void names_that_cannot_be_topics_are_refused(void **state)
{
    driven_topology *driven = driven_new();

    (void)state;
    sf_grouped_count(sf_stream_group_by_key(in(driven), NULL), "word counts");
    refused(driven, "the store 'word counts' cannot be called so: up to 200 letters, digits, '.', "
                    "'_', '-'");
}

static void a_store_that_is_not_there_is_refused(void **state)
{
    static const sf_processor any = {0};
    driven_topology *driven = driven_new();
    const char *const stores[] = {"nowhere", NULL};

    (void)state;
    sf_stream_named(sf_stream_process(in(driven), &any, stores), "looking");
    refused(driven, "'looking' uses the store 'nowhere', which is not there");
}

static void a_store_that_nobody_uses_is_refused(void **state)
{
    driven_topology *driven = driven_new();

    (void)state;
    in(driven);
    sf_builder_add_store(driven->builder, &(sf_store_options){.name = "lonely"});
    refused(driven, "no operator uses the store 'lonely'");
}

static void a_join_with_a_table_that_is_not_kept_is_refused(void **state)
{
    driven_topology *driven = driven_new();
    sf_table *table = sf_builder_table(driven->builder, "rows", NULL, NULL);

    (void)state;
    sf_stream_join_table(in(driven), table, driven_pair, NULL, NULL);
    refused(driven, "sf_stream_join_table wants a table that is kept: give it a name by "
                    "sf_materialized");
}

static void a_missing_function_is_refused(void **state)
{
    driven_topology *driven = driven_new();

    (void)state;
    sf_stream_map(in(driven), NULL, NULL);
    refused(driven, "sf_stream_map wants a function");
}

static void windows_that_make_no_sense_are_refused(void **state)
{
    driven_topology *driven = driven_new();
    sf_grouped *by_key = sf_stream_group_by_key(in(driven), NULL);
    sf_window window = {.size_ms = 10, .advance_ms = 20};

    (void)state;
    sf_grouped_count(sf_grouped_windowed(by_key, window), "counts");
    refused(driven, "a window needs a size above 0, an advance of at most its size and a grace of "
                    "at least 0");
}

static void a_retention_below_size_and_grace_is_refused(void **state)
{
    driven_topology *driven = driven_new();
    sf_grouped *by_key = sf_stream_group_by_key(in(driven), NULL);
    sf_materialized brief = {.name = "brief", .retention_ms = 12};

    (void)state;
    sf_grouped_count_with(sf_grouped_windowed(by_key, (sf_window){.size_ms = 10, .grace_ms = 5}),
                          &brief);
    refused(driven, "the store 'brief' keeps windows for 12 ms, less than size and grace: 15 ms");
}

static void streams_of_different_serdes_do_not_merge(void **state)
{
    driven_topology *driven = driven_new();
    sf_stream *numbers =
        sf_builder_stream(driven->builder, "numbers", &(sf_consumed){.value = &sf_int64_serde});

    (void)state;
    sf_stream_merge(in(driven), numbers);
    refused(driven,
            "streams with different serdes cannot be merged: make them one by sf_stream_as");
}

static void the_first_misuse_is_the_one_that_is_told(void **state)
{
    driven_topology *driven = driven_new();

    (void)state;
    sf_stream_map(in(driven), NULL, NULL);
    sf_grouped_count(sf_stream_group_by_key(in(driven), NULL), NULL);
    refused(driven, "sf_stream_map wants a function");
}

static void a_builder_builds_once(void **state)
{
    driven_topology *driven = driven_new();
    sf_topology *again;
    sf_error err;

    (void)state;
    in(driven);
    driven_start(driven, NULL);

    assert_int_equal(sf_builder_build(driven->builder, &again, &err), SF_STOP);
    assert_int_equal(err.code, SF_CLOSED);
    driven_free(driven);
}

/* ---- what belongs together ---- */

static sf_topology *built(driven_topology *driven)
{
    assert_ok(sf_builder_build(driven->builder, &driven->topology, err));
    return driven->topology;
}

static void one_topic_read_twice_alike_is_one_source(void **state)
{
    driven_topology *driven = driven_new();
    const sf_topology *topology;

    (void)state;
    sf_stream_to(in(driven), "a");
    sf_stream_to(in(driven), "b");
    topology = built(driven);

    assert_int_equal(topology->subtopology_count, 1);
    assert_int_equal(topology->subtopologies[0].input_count, 1);
    assert_int_equal(topology->subtopologies[0].output_count, 2);
    driven_free(driven);
}

static void unconnected_parts_are_sub_topologies_by_source_name(void **state)
{
    driven_topology *driven = driven_new();
    const sf_topology *topology;

    (void)state;
    sf_stream_to(sf_builder_stream(driven->builder, "z", NULL), "a");
    sf_stream_to(sf_builder_stream(driven->builder, "b", NULL), "c");
    topology = built(driven);

    assert_int_equal(topology->subtopology_count, 2);
    assert_string_equal(topology->topics[topology->subtopologies[0].inputs[0]].name, "z");
    assert_string_equal(topology->topics[topology->subtopologies[1].inputs[0]].name, "b");
    driven_free(driven);
}

static char everything[] = "";

static char *identity_of_join(bool with_more)
{
    driven_topology *driven = driven_new();
    sf_materialized kept = named("kept");
    sf_table *table = sf_builder_table(driven->builder, "rows", NULL, &kept);
    sf_stream *stream = in(driven);
    char *identity;

    if (with_more)
        stream = sf_stream_filter(stream, driven_begins_with, everything);
    sf_stream_to(sf_stream_join_table(stream, table, driven_pair, NULL, NULL), "out");
    identity = strdup(built(driven)->subtopologies[0].identity);
    driven_free(driven);
    return identity;
}

static void an_identity_does_not_change_with_operators_between(void **state)
{
    char *before = identity_of_join(false), *after = identity_of_join(true);

    (void)state;
    assert_int_equal(strlen(before), 16);
    assert_string_equal(before, after);
    /* Written down in layouts and state directories: it may never change. */
    assert_string_equal(before, "3aa6b00045090df5");
    free(before);
    free(after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_to_read_is_refused),
        cmocka_unit_test(a_topic_read_in_two_ways_is_refused),
        cmocka_unit_test(a_repartition_without_a_name_is_refused),
        cmocka_unit_test(an_aggregate_without_a_name_is_refused),
        cmocka_unit_test(two_stores_of_one_name_are_refused),
        cmocka_unit_test(names_that_cannot_be_topics_are_refused),
        cmocka_unit_test(a_store_that_is_not_there_is_refused),
        cmocka_unit_test(a_store_that_nobody_uses_is_refused),
        cmocka_unit_test(a_join_with_a_table_that_is_not_kept_is_refused),
        cmocka_unit_test(a_missing_function_is_refused),
        cmocka_unit_test(windows_that_make_no_sense_are_refused),
        cmocka_unit_test(a_retention_below_size_and_grace_is_refused),
        cmocka_unit_test(streams_of_different_serdes_do_not_merge),
        cmocka_unit_test(the_first_misuse_is_the_one_that_is_told),
        cmocka_unit_test(a_builder_builds_once),
        cmocka_unit_test(one_topic_read_twice_alike_is_one_source),
        cmocka_unit_test(unconnected_parts_are_sub_topologies_by_source_name),
        cmocka_unit_test(an_identity_does_not_change_with_operators_between),
    };

    return run_tests(tests);
}
