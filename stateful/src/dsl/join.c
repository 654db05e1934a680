/* join.c - a stream meets a table. */
#include <stateful/stream.h>

#include "dsl/builder_implementation.h"
#include "dsl/operators/table_join.h"

static sf_stream *join_table(sf_stream *stream, sf_table *table, const sf_table_join_plan *wanted,
                             const sf_joined *joined)
{
    sf_builder *builder = stream->builder;
    sf_table_join_plan *plan = sf_builder_alloc(builder, sizeof(*plan));
    sf_processor processor = sf_table_join_processor(plan);
    sf_stream *result;

    sf_builder_want(builder, wanted->join, "sf_stream_join_table", "a function");
    *plan = *wanted;
    plan->is_versioned = table->is_versioned;
    stream = sf_stream_by_key(stream, joined ? joined->name : NULL, "a join");
    result =
        sf_stream_then(stream, plan->is_left ? "KSTREAM-LEFTJOIN-" : "KSTREAM-JOIN-", &processor);
    if (plan->is_left)
        sf_graph_take_null_keys(builder->graph, result->node);
    plan->table = sf_table_look_up(table, result->node, "sf_stream_join_table");
    sf_graph_meet(builder->graph, stream->node, table->node);
    return result;
}

sf_stream *sf_stream_join_table(sf_stream *stream, sf_table *table, sf_join_fn join, void *user,
                                const sf_joined *joined)
{
    sf_table_join_plan plan = {.join = join, .user = user};

    return join_table(stream, table, &plan, joined);
}

sf_stream *sf_stream_left_join_table(sf_stream *stream, sf_table *table, sf_join_fn join,
                                     void *user, const sf_joined *joined)
{
    sf_table_join_plan plan = {.join = join, .user = user, .is_left = true};

    return join_table(stream, table, &plan, joined);
}
