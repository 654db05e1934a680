/* join_table.c - a stream meets a table. */
#include <stateful/stream.h>

#include "dsl/builder_implementation.h"
#include "dsl/operators/table_join.h"

static void check_grace(const sf_table *table, const sf_joined *joined)
{
    sf_graph *graph = table->builder->graph;

    if (joined->grace_ms < 0)
        sf_graph_fail(graph, "sf_joined.grace_ms is below 0");
    else if (!table->is_versioned)
        sf_graph_fail(graph,
                      "sf_joined.grace_ms wants a table that is versioned: give it a history "
                      "by sf_materialized");
    else if (table->history_ms < joined->grace_ms)
        sf_graph_fail(graph,
                      "sf_joined.grace_ms of %lld is longer than the history of the table, %lld ms",
                      (long long)joined->grace_ms, (long long)table->history_ms);
    sf_builder_want(table->builder, joined->name, "sf_joined.grace_ms",
                    "a name for the buffer: sf_joined.name");
}

/* Where records wait for the table. */
static void add_buffer(sf_stream *stream, size_t node, const sf_joined *joined,
                       sf_table_join_plan *plan)
{
    sf_graph *graph = stream->builder->graph;
    sf_store_options options = {.kind = SF_KEY_VALUE_STORE, .caching_off = true};

    options.name =
        sf_arena_printf(sf_graph_arena(graph), "%s-Buffer", joined->name ? joined->name : "?");
    plan->buffer = options.name;
    plan->grace_ms = joined->grace_ms;
    plan->key = stream->key;
    plan->value = stream->value;
    sf_graph_use_store(graph, node, sf_graph_add_store(graph, &options));
}

static sf_stream *join_table(sf_stream *stream, sf_table *table, const sf_table_join_plan *wanted,
                             const sf_joined *joined)
{
    sf_builder *builder = stream->builder;
    sf_table_join_plan *plan = sf_builder_alloc(builder, sizeof(*plan));
    sf_processor processor = sf_table_join_processor(plan);
    sf_stream *result;

    sf_builder_want(builder, wanted->joiner.join, "sf_stream_join_table", "a function");
    *plan = *wanted;
    plan->is_versioned = table->is_versioned;
    stream = sf_stream_by_key(stream, joined ? joined->name : NULL, "a join");
    result =
        sf_stream_then(stream, plan->is_left ? "KSTREAM-LEFTJOIN-" : "KSTREAM-JOIN-", &processor);
    if (plan->is_left)
        sf_graph_take_null_keys(builder->graph, result->node);
    plan->table = sf_table_look_up(table, result->node, "sf_stream_join_table");
    if (joined && joined->grace_ms) {
        check_grace(table, joined);
        add_buffer(stream, result->node, joined, plan);
    }
    sf_graph_meet(builder->graph, stream->node, table->node);
    return result;
}

sf_stream *sf_stream_join_table(sf_stream *stream, sf_table *table, sf_join_fn join, void *user,
                                const sf_joined *joined)
{
    sf_table_join_plan plan = {.joiner = {join, user}};

    return join_table(stream, table, &plan, joined);
}

sf_stream *sf_stream_left_join_table(sf_stream *stream, sf_table *table, sf_join_fn join,
                                     void *user, const sf_joined *joined)
{
    sf_table_join_plan plan = {.joiner = {join, user}, .is_left = true};

    return join_table(stream, table, &plan, joined);
}
