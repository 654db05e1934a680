/* Joins, on the test driver and in the runtime: see support/topology_equality.h. Both sides lie in equal
 * partitions and nothing is repartitioned, so the order of results is defined where nothing is cached;
 * but for foreign keys, whose questions and answers cross topics: there the last row of each key is. */
#include <stateful/stateful.h>

#include "check.h"
#include "support/driven_topology.h"
#include "support/topology_equality.h"

/* Narrow: half of the records meet nothing, and their half results come late. */
static const sf_join_window NEAR = {.before_ms = 10, .after_ms = 15, .grace_ms = 5};

static sf_stream *stream(sf_builder *builder, const char *topic)
{
    sf_stream *made = sf_builder_stream(builder, topic, NULL);

    equality_commit_often(made);
    return made;
}

static sf_table *table(sf_builder *builder, const char *topic, bool is_cached)
{
    return sf_builder_table(builder, topic, NULL,
                            &(sf_materialized){.name = topic, .caching_off = !is_cached});
}

/* ---- streams ---- */

static void build_inner(sf_builder *builder, bool is_cached)
{
    sf_stream *left = stream(builder, "left"), *right = sf_builder_stream(builder, "right", NULL);

    (void)is_cached;
    sf_stream_to(
        sf_stream_join(left, right, NEAR, driven_pair, NULL, &(sf_stream_joined){.name = "met"}),
        "out");
}

static void build_left(sf_builder *builder, bool is_cached)
{
    sf_stream *left = stream(builder, "left"), *right = sf_builder_stream(builder, "right", NULL);

    (void)is_cached;
    sf_stream_to(sf_stream_left_join(left, right, NEAR, driven_pair, NULL,
                                     &(sf_stream_joined){.name = "met"}),
                 "out");
}

static void build_outer(sf_builder *builder, bool is_cached)
{
    sf_stream *left = stream(builder, "left"), *right = sf_builder_stream(builder, "right", NULL);

    (void)is_cached;
    sf_stream_to(sf_stream_outer_join(left, right, NEAR, driven_pair, NULL,
                                      &(sf_stream_joined){.name = "met"}),
                 "out");
}

static void build_self(sf_builder *builder, bool is_cached)
{
    sf_stream *in = stream(builder, "left");

    (void)is_cached;
    sf_builder_optimize(builder);
    sf_stream_to(sf_stream_left_join(in, in, NEAR, driven_pair, NULL,
                                     &(sf_stream_joined){.name = "met", .in_memory = true}),
                 "out");
}

static void check_streams(const char *name, void (*build)(sf_builder *builder, bool is_cached))
{
    equality_check(&(equality_subject){
        .name = name, .build = build, .inputs = {"left", "right"}, .order_is_defined = true});
}

static void inner_joins_of_streams_are_the_same(void **state)
{
    (void)state;
    check_streams("inner join of streams", build_inner);
}

static void left_joins_of_streams_are_the_same(void **state)
{
    (void)state;
    check_streams("left join of streams", build_left);
}

static void outer_joins_of_streams_are_the_same(void **state)
{
    (void)state;
    check_streams("outer join of streams", build_outer);
}

static void self_joins_are_the_same(void **state)
{
    (void)state;
    equality_check(&(equality_subject){
        .name = "self join", .build = build_self, .inputs = {"left"}, .order_is_defined = true});
}

/* ---- streams and tables ---- */

static void build_lookup(sf_builder *builder, bool is_cached)
{
    sf_table *right = table(builder, "right", is_cached);

    sf_stream_to(sf_stream_left_join_table(stream(builder, "left"), right, driven_pair, NULL, NULL),
                 "out");
}

static void streams_that_meet_tables_are_the_same(void **state)
{
    (void)state;
    equality_check(&(equality_subject){.name = "stream meets table",
                                       .build = build_lookup,
                                       .inputs = {"left", "right"},
                                       .stores = {"right"},
                                       .order_is_defined = true});
}

static void build_versioned(sf_builder *builder, bool is_cached)
{
    sf_joined joined = {.name = "met", .grace_ms = 30};
    sf_table *right = sf_builder_table(builder, "right", NULL,
                                       &(sf_materialized){.name = "right", .history_ms = 50});

    (void)is_cached;
    sf_stream_to(sf_stream_join_table(stream(builder, "left"), right, driven_pair, NULL, &joined),
                 "out");
}

static void streams_that_wait_for_versioned_tables_are_the_same(void **state)
{
    (void)state;
    equality_check(&(equality_subject){.name = "stream waits for versioned table",
                                       .build = build_versioned,
                                       .inputs = {"left", "right"},
                                       .stores = {"right"},
                                       .order_is_defined = true});
}

/* ---- tables ---- */

static void build_tables(sf_builder *builder, bool is_cached)
{
    sf_materialized how = {.name = "joined", .caching_off = !is_cached};
    sf_table *left = table(builder, "left", is_cached), *right = table(builder, "right", is_cached);

    equality_commit_often(sf_table_to_stream(left));
    sf_stream_to(sf_table_to_stream(sf_table_outer_join(left, right, driven_pair, NULL, &how)),
                 "out");
}

/* A right row that comes and goes between two commits is not seen through a cache; without one its
 * deletion makes a result, the same again with a later time. */
static void joins_of_tables_are_the_same(void **state)
{
    (void)state;
    equality_check(&(equality_subject){.name = "outer join of tables",
                                       .build = build_tables,
                                       .inputs = {"left", "right"},
                                       .stores = {"left", "right", "joined"},
                                       .times = EQUALITY_TIMES_UNCACHED,
                                       .order_is_defined = true});
}

static sf_status last_digit(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                            sf_error *err)
{
    (void)user;
    (void)err;
    out->key = sf_bytes_text(sf_arena_printf(arena, "k%c", in->value.data[in->value.size - 1]));
    return SF_OK;
}

static void build_foreign_key(sf_builder *builder, bool is_cached)
{
    sf_foreign_key by_digit = {.name = "by-digit", .select = last_digit};
    sf_materialized how = {.name = "joined", .caching_off = !is_cached};
    sf_table *left = table(builder, "left", is_cached), *right = table(builder, "right", is_cached);

    equality_commit_often(sf_table_to_stream(left));
    equality_commit_often(sf_table_to_stream(right));
    sf_stream_to(sf_table_to_stream(sf_table_left_join_foreign_key(left, right, &by_digit,
                                                                   driven_pair, NULL, &how)),
                 "out");
}

/* A right row that comes and goes makes a result for each left row that has subscribed by then: whether
 * one has depends on when its subscription arrives. */
static void foreign_key_joins_are_the_same(void **state)
{
    (void)state;
    equality_check(&(equality_subject){.name = "foreign-key join",
                                       .build = build_foreign_key,
                                       .inputs = {"left", "right"},
                                       .times = EQUALITY_TIMES_NEVER,
                                       .stores = {"left", "right", "joined"}});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inner_joins_of_streams_are_the_same),
        cmocka_unit_test(left_joins_of_streams_are_the_same),
        cmocka_unit_test(outer_joins_of_streams_are_the_same),
        cmocka_unit_test(self_joins_are_the_same),
        cmocka_unit_test(streams_that_meet_tables_are_the_same),
        cmocka_unit_test(streams_that_wait_for_versioned_tables_are_the_same),
        cmocka_unit_test(joins_of_tables_are_the_same),
        cmocka_unit_test(foreign_key_joins_are_the_same),
    };

    return run_tests(tests);
}
