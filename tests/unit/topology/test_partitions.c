/* partitions.c - how many partitions repartition topics get. */
#include <string.h>

#include "check.h"
#include "support/driven_topology.h"
#include "topology/topology_implementation.h"

enum { TOPICS_MAX = 16 };

typedef struct known {
    const char *topic;
    int32_t partitions;
} known;

/* Builds, gives the outer topics their counts, and settles the rest. */
static sf_status settle(driven_topology *driven, const known *counts, size_t count,
                        int32_t *settled, sf_error *why)
{
    const sf_topology *topology;

    assert_ok(sf_builder_build(driven->builder, &driven->topology, err));
    topology = driven->topology;
    assert_true(topology->topic_count <= TOPICS_MAX);
    memset(settled, 0, TOPICS_MAX * sizeof(*settled));
    for (size_t i = 0; i < topology->topic_count; i++)
        for (size_t k = 0; k < count; k++)
            if (!strcmp(topology->topics[i].name, counts[k].topic))
                settled[i] = counts[k].partitions;
    return sf_topology_partitions(topology, settled, why);
}

static int32_t count_of(const driven_topology *driven, const int32_t *settled, const char *topic)
{
    for (size_t i = 0; i < driven->topology->topic_count; i++)
        if (!strcmp(driven->topology->topics[i].name, topic))
            return settled[i];
    fail_msg("no topic %s", topic);
    return 0;
}

static sf_stream *stream(driven_topology *driven, const char *topic)
{
    return sf_builder_stream(driven->builder, topic, NULL);
}

static void join(driven_topology *driven, sf_stream *left, const char *table_topic)
{
    sf_materialized kept = {.name = "kept"};
    sf_table *table = sf_builder_table(driven->builder, table_topic, NULL, &kept);

    sf_stream_to(sf_stream_join_table(left, table, driven_pair, NULL, NULL), "joined");
}

static void a_lonely_repartition_has_as_many_as_what_is_behind_it(void **state)
{
    driven_topology *driven = driven_new();
    const known counts[] = {{"in", 6}};
    int32_t settled[TOPICS_MAX];

    (void)state;
    sf_stream_to(sf_stream_repartition(stream(driven, "in"), "again", 0), "out");
    assert_ok(settle(driven, counts, 1, settled, err));

    assert_int_equal(count_of(driven, settled, "again-repartition"), 6);
    assert_int_equal(sf_topology_task_count(driven->topology, 1, settled), 6);
    driven_free(driven);
}

static void a_repartition_adopts_the_count_of_the_table_it_meets(void **state)
{
    driven_topology *driven = driven_new();
    const known counts[] = {{"in", 6}, {"rows", 3}};
    int32_t settled[TOPICS_MAX];

    (void)state;
    join(driven, sf_stream_repartition(stream(driven, "in"), "again", 0), "rows");
    assert_ok(settle(driven, counts, 2, settled, err));

    assert_int_equal(count_of(driven, settled, "again-repartition"), 3);
    driven_free(driven);
}

static void a_repartition_adopts_the_count_of_what_it_meets_at_a_store(void **state)
{
    static const sf_processor any = {0};
    driven_topology *driven = driven_new();
    const char *const shared[] = {"shared", NULL};
    const known counts[] = {{"orders", 6}, {"products", 2}};
    int32_t settled[TOPICS_MAX];

    (void)state;
    sf_builder_add_store(driven->builder, &(sf_store_options){.name = "shared"});
    sf_stream_process(stream(driven, "products"), &any, shared);
    sf_stream_process(sf_stream_repartition(stream(driven, "orders"), "lines", 0), &any, shared);
    assert_ok(settle(driven, counts, 2, settled, err));

    assert_int_equal(count_of(driven, settled, "lines-repartition"), 2);
    driven_free(driven);
}

static void a_count_that_the_program_names_is_kept(void **state)
{
    driven_topology *driven = driven_new();
    const known counts[] = {{"in", 6}};
    int32_t settled[TOPICS_MAX];

    (void)state;
    sf_stream_to(sf_stream_repartition(stream(driven, "in"), "again", 9), "out");
    assert_ok(settle(driven, counts, 1, settled, err));

    assert_int_equal(count_of(driven, settled, "again-repartition"), 9);
    driven_free(driven);
}

static void repartitions_that_follow_each_other_are_settled_in_turn(void **state)
{
    driven_topology *driven = driven_new();
    const known counts[] = {{"in", 5}};
    int32_t settled[TOPICS_MAX];
    sf_stream *last;

    (void)state;
    last = sf_stream_repartition(stream(driven, "in"), "z-first", 0);
    last = sf_stream_repartition(last, "m-second", 0);
    sf_stream_to(sf_stream_repartition(last, "a-third", 0), "out");
    assert_ok(settle(driven, counts, 1, settled, err));

    assert_int_equal(count_of(driven, settled, "a-third-repartition"), 5);
    driven_free(driven);
}

static void topics_that_are_joined_must_agree(void **state)
{
    driven_topology *driven = driven_new();
    const known counts[] = {{"in", 6}, {"rows", 3}};
    int32_t settled[TOPICS_MAX];
    sf_error err;

    (void)state;
    join(driven, stream(driven, "in"), "rows");

    assert_int_equal(settle(driven, counts, 2, settled, &err), SF_STOP);
    assert_non_null(strstr(err.text, "are joined: they need equal partition counts"));
    driven_free(driven);
}

static void a_named_count_that_does_not_fit_its_join_is_refused(void **state)
{
    driven_topology *driven = driven_new();
    const known counts[] = {{"in", 6}, {"rows", 3}};
    int32_t settled[TOPICS_MAX];
    sf_error err;

    (void)state;
    join(driven, sf_stream_repartition(stream(driven, "in"), "again", 4), "rows");

    assert_int_equal(settle(driven, counts, 2, settled, &err), SF_STOP);
    assert_non_null(strstr(err.text, "'again-repartition' with 4"));
    driven_free(driven);
}

static void topics_that_only_merge_may_differ(void **state)
{
    driven_topology *driven = driven_new();
    const known counts[] = {{"in", 6}, {"other", 3}};
    int32_t settled[TOPICS_MAX];

    (void)state;
    sf_stream_to(sf_stream_merge(stream(driven, "in"), stream(driven, "other")), "out");
    assert_ok(settle(driven, counts, 2, settled, err));

    assert_int_equal(sf_topology_task_count(driven->topology, 0, settled), 6);
    driven_free(driven);
}

static void a_topic_that_is_not_there_is_named(void **state)
{
    driven_topology *driven = driven_new();
    int32_t settled[TOPICS_MAX];
    sf_error err;

    (void)state;
    stream(driven, "in");

    assert_int_equal(settle(driven, NULL, 0, settled, &err), SF_STOP);
    assert_int_equal(err.code, SF_NOT_FOUND);
    assert_string_equal(err.text, "the topic 'in' is not there");
    driven_free(driven);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lonely_repartition_has_as_many_as_what_is_behind_it),
        cmocka_unit_test(a_repartition_adopts_the_count_of_the_table_it_meets),
        cmocka_unit_test(a_repartition_adopts_the_count_of_what_it_meets_at_a_store),
        cmocka_unit_test(a_count_that_the_program_names_is_kept),
        cmocka_unit_test(repartitions_that_follow_each_other_are_settled_in_turn),
        cmocka_unit_test(topics_that_are_joined_must_agree),
        cmocka_unit_test(a_named_count_that_does_not_fit_its_join_is_refused),
        cmocka_unit_test(topics_that_only_merge_may_differ),
        cmocka_unit_test(a_topic_that_is_not_there_is_named),
    };

    return run_tests(tests);
}
