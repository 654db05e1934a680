/* tables_join.c - tables meet by equal keys. */
#include <stateful/table.h>

#include "dsl/builder_implementation.h"
#include "dsl/operators/tables_join.h"

/* The node for the changes of one side. */
static size_t add_side(const sf_tables_join *join, const char *name, sf_table *table,
                       sf_table *other, bool is_left)
{
    sf_builder *builder = table->builder;
    sf_join_side *side = sf_builder_alloc(builder, sizeof(*side));
    sf_processor processor = sf_join_side_processor(side);
    size_t node = sf_graph_add_processor(builder->graph, name, &processor, table->node);

    *side = (sf_join_side){join, is_left, table->is_versioned};
    (void)sf_table_look_up(other, node, "a join of tables"); /* the join has it already */
    return node;
}

/* What is not kept is looked up in the stores of both. */
static void find_through(sf_table *result, sf_tables_join *join, const sf_table *left,
                         const sf_table *right)
{
    sf_arena *arena = result->builder->arena;

    result->lookup = &join->lookup;
    for (size_t i = 0; i < left->lookup_stores.count; i++)
        sf_index_list_add_once(&result->lookup_stores, left->lookup_stores.items[i], arena);
    for (size_t i = 0; i < right->lookup_stores.count; i++)
        sf_index_list_add_once(&result->lookup_stores, right->lookup_stores.items[i], arena);
}

/* A window of the result is open as long as it is on either side. */
static int64_t longer_open(const sf_table *left, const sf_table *right)
{
    if (left->open_ms < 0 || right->open_ms < 0)
        return -1;
    return left->open_ms > right->open_ms ? left->open_ms : right->open_ms;
}

static sf_table *result_at(size_t node, sf_tables_join *join, sf_table *left, sf_table *right,
                           const sf_materialized *materialized)
{
    sf_table *result = sf_table_at(left, node);

    result->is_versioned = false; /* unless it is kept so */
    result->open_ms = longer_open(left, right);
    if (right->on_error == SF_ON_ERROR_FAIL)
        result->on_error = SF_ON_ERROR_FAIL;
    if (materialized)
        sf_table_keep(result, materialized, &join->rows);
    else if (left->lookup && right->lookup)
        find_through(result, join, left, right);
    result->sends_before = &join->rows.sends_before;
    result->before_from[0] = left;
    result->before_from[1] = right;
    return result;
}

/* Numbers of names in Kafka Streams' order; nodes with the parents first. */
static sf_table *join_tables(sf_table *left, sf_table *right, const sf_tables_join *wanted,
                             const sf_materialized *materialized)
{
    sf_builder *builder = left->builder;
    sf_tables_join *join = sf_builder_alloc(builder, sizeof(*join));
    sf_processor results = sf_join_results_processor(join);
    const char *name = sf_builder_name(builder, "KTABLE-MERGE-");
    size_t this_side, other_side, node;

    sf_builder_want(builder, wanted->join, "a join of tables", "a function");
    *join = *wanted;
    sf_tables_join_init(join);
    join->left = left->lookup;
    join->right = right->lookup;
    if (join->kind != SF_TABLES_JOIN_INNER)
        sf_table_want_before(left, "a left or outer join of tables");
    if (join->kind == SF_TABLES_JOIN_OUTER)
        sf_table_want_before(right, "an outer join of tables");
    this_side = add_side(join, sf_builder_name(builder, "KTABLE-JOINTHIS-"), left, right, true);
    other_side = add_side(join, sf_builder_name(builder, "KTABLE-JOINOTHER-"), right, left, false);
    node = sf_graph_add_processor(builder->graph, name, &results, this_side);
    sf_graph_connect(builder->graph, other_side, node);
    sf_graph_meet(builder->graph, left->node, right->node);
    return result_at(node, join, left, right, materialized);
}

sf_table *sf_table_join(sf_table *left, sf_table *right, sf_join_fn join, void *user,
                        const sf_materialized *materialized)
{
    sf_tables_join inner = {.kind = SF_TABLES_JOIN_INNER, .join = join, .user = user};

    return join_tables(left, right, &inner, materialized);
}

sf_table *sf_table_left_join(sf_table *left, sf_table *right, sf_join_fn join, void *user,
                             const sf_materialized *materialized)
{
    sf_tables_join outer_left = {.kind = SF_TABLES_JOIN_LEFT, .join = join, .user = user};

    return join_tables(left, right, &outer_left, materialized);
}

sf_table *sf_table_outer_join(sf_table *left, sf_table *right, sf_join_fn join, void *user,
                              const sf_materialized *materialized)
{
    sf_tables_join outer = {.kind = SF_TABLES_JOIN_OUTER, .join = join, .user = user};

    return join_tables(left, right, &outer, materialized);
}
