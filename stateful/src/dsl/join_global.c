/* join_global.c - tables that every instance has whole, and streams that meet them. */
#include <stateful/stream.h>

#include "dsl/builder_implementation.h"
#include "dsl/operators/global_join.h"

struct sf_global_table {
    const char *store;
    const sf_serde *key; /* how it is written */
    const sf_serde *value;
};

sf_global_table *sf_builder_global_table(sf_builder *builder, const char *topic,
                                         const sf_consumed *consumed,
                                         const sf_materialized *materialized)
{
    static const sf_consumed usual;
    static const sf_materialized nothing;
    sf_global_table *table = sf_arena_zalloc(builder->arena, sizeof(*table));

    sf_builder_want(builder, topic, "sf_builder_global_table", "a topic");
    sf_builder_want(builder, materialized && materialized->name, "sf_builder_global_table",
                    "an sf_materialized with a name");
    consumed = consumed ? consumed : &usual;
    materialized = materialized ? materialized : &nothing;
    if (materialized->history_ms)
        sf_graph_fail(builder->graph, "the global table '%s' cannot be versioned",
                      materialized->name);
    table->key = materialized->key ? materialized->key : consumed->key;
    table->value = materialized->value ? materialized->value : consumed->value;
    table->store = sf_arena_text(sf_graph_arena(builder->graph),
                                 materialized->name ? materialized->name : "?");
    sf_graph_add_global(builder->graph,
                        &(sf_graph_global){
                            .source_name = sf_builder_name(builder, "KSTREAM-SOURCE-"),
                            .processor_name = sf_builder_name(builder, "KTABLE-SOURCE-"),
                            .topic = topic ? topic : "?",
                            .consumed = *consumed,
                            .store = {.name = table->store,
                                      .in_memory = materialized->in_memory,
                                      .logging_off = true,
                                      .caching_off = true},
                            .key = table->key,
                            .value = table->value,
                        });
    return table;
}

static sf_stream *join_global(sf_stream *stream, const sf_global_table *table,
                              const sf_global_join_plan *wanted)
{
    sf_global_join_plan *plan = sf_builder_alloc(stream->builder, sizeof(*plan));
    sf_processor processor = sf_global_join_processor(plan);
    sf_stream *result;

    sf_builder_want(stream->builder, wanted->select, "sf_stream_join_global",
                    "a function that selects the key");
    sf_builder_want(stream->builder, wanted->joiner.join, "sf_stream_join_global", "a function");
    *plan = *wanted;
    plan->store = table->store;
    plan->key = table->key;
    plan->value = table->value;
    result =
        sf_stream_then(stream, plan->is_left ? "KSTREAM-LEFTJOIN-" : "KSTREAM-JOIN-", &processor);
    if (plan->is_left)
        sf_graph_take_null_keys(stream->builder->graph, result->node);
    return result;
}

sf_stream *sf_stream_join_global(sf_stream *stream, sf_global_table *table, sf_map_fn select,
                                 sf_join_fn join, void *user)
{
    return join_global(
        stream, table,
        &(sf_global_join_plan){.select = select, .select_user = user, .joiner = {join, user}});
}

sf_stream *sf_stream_left_join_global(sf_stream *stream, sf_global_table *table, sf_map_fn select,
                                      sf_join_fn join, void *user)
{
    return join_global(
        stream, table,
        &(sf_global_join_plan){
            .select = select, .select_user = user, .joiner = {join, user}, .is_left = true});
}
