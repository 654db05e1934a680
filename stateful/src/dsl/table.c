#include <stateful/table.h>

#include "dsl/builder_implementation.h"
#include "dsl/operators/table_filter.h"
#include "dsl/operators/table_map.h"
#include "dsl/operators/table_source.h"

/* ---- for all that makes tables ---- */

sf_table *sf_table_new(const sf_stream *like, size_t node)
{
    sf_table *table = sf_arena_zalloc(like->builder->arena, sizeof(*table));

    table->builder = like->builder;
    table->node = node;
    table->key = like->key;
    table->value = like->value;
    table->on_error = like->on_error;
    return table;
}

void sf_table_keep(sf_table *table, const sf_materialized *materialized, sf_kept_rows_plan *plan)
{
    sf_store_options options = {
        .name = materialized->name,
        .kind = SF_KEY_VALUE_STORE,
        .in_memory = materialized->in_memory,
        .logging_off = materialized->logging_off,
        .caching_off = materialized->caching_off,
    };
    sf_graph *graph = table->builder->graph;

    table->key = materialized->key ? materialized->key : table->key;
    table->value = materialized->value ? materialized->value : table->value;
    table->store = sf_graph_add_store(graph, &options);
    table->store_name = sf_arena_text(sf_graph_arena(graph), options.name ? options.name : "?");
    table->store_key = table->key;
    table->store_value = table->value;
    table->is_kept = true;
    sf_graph_use_store(graph, table->node, table->store);
    *plan = (sf_kept_rows_plan){
        .store = table->store_name,
        .key = table->key,
        .value = table->value,
        .caching_off = materialized->caching_off,
    };
}

sf_table *sf_table_of_stream(sf_stream *stream, const char *prefix,
                             const sf_materialized *materialized)
{
    sf_kept_rows_plan *plan = sf_builder_alloc(stream->builder, sizeof(*plan));
    sf_processor kept = sf_table_source_processor(plan);
    sf_stream *rows =
        sf_stream_then(stream, prefix, materialized ? &kept : &sf_table_passing_processor);
    sf_table *table = sf_table_new(rows, rows->node);

    if (stream->key_filter)
        stream->key_filter->someone_needs_keys = true;
    if (materialized)
        sf_table_keep(table, materialized, plan);
    return table;
}

sf_table *sf_stream_to_table(sf_stream *stream, const sf_materialized *materialized)
{
    sf_builder_want(stream->builder, materialized, "sf_stream_to_table",
                    "an sf_materialized with a name");
    stream = sf_stream_by_key(stream, materialized ? materialized->name : NULL, "a table");
    return sf_table_of_stream(stream, "KSTREAM-TOTABLE-", materialized);
}

/* ---- operators ---- */

static sf_stream as_stream(const sf_table *table)
{
    return (sf_stream){
        .builder = table->builder,
        .node = table->node,
        .key = table->key,
        .value = table->value,
        .on_error = table->on_error,
    };
}

sf_stream *sf_table_to_stream(sf_table *table)
{
    static const sf_processor pass;
    sf_stream rows = as_stream(table);

    return sf_stream_then(&rows, "KTABLE-TOSTREAM-", &pass);
}

/* A node behind the table, and the table that stands there. */
static sf_table *then(sf_table *table, const char *prefix, const sf_processor *processor)
{
    sf_stream rows = as_stream(table);
    sf_table *result = sf_table_new(&rows, sf_stream_then(&rows, prefix, processor)->node);

    result->is_windowed = table->is_windowed;
    return result;
}

static sf_table *filter(sf_table *table, sf_predicate_fn predicate, void *user, bool negated,
                        const sf_materialized *materialized)
{
    sf_table_filter_plan *plan = sf_builder_alloc(table->builder, sizeof(*plan));
    sf_processor processor = sf_table_filter_processor(plan);
    sf_table *result = then(table, "KTABLE-FILTER-", &processor);

    sf_builder_want(table->builder, predicate, "sf_table_filter", "a predicate");
    plan->filter = (sf_filter){predicate, user, negated};
    if (materialized)
        sf_table_keep(result, materialized, &plan->rows);
    return result;
}

sf_table *sf_table_filter(sf_table *table, sf_predicate_fn predicate, void *user,
                          const sf_materialized *materialized)
{
    return filter(table, predicate, user, false, materialized);
}

sf_table *sf_table_filter_not(sf_table *table, sf_predicate_fn predicate, void *user,
                              const sf_materialized *materialized)
{
    return filter(table, predicate, user, true, materialized);
}

sf_table *sf_table_map_values(sf_table *table, sf_map_fn map, void *user,
                              const sf_materialized *materialized)
{
    sf_table_map_plan *plan = sf_builder_alloc(table->builder, sizeof(*plan));
    sf_processor processor = sf_table_map_processor(plan);
    sf_table *result = then(table, "KTABLE-MAPVALUES-", &processor);

    sf_builder_want(table->builder, map, "sf_table_map_values", "a function");
    plan->step = (sf_map_step){map, user};
    if (materialized)
        sf_table_keep(result, materialized, &plan->rows);
    return result;
}

sf_table *sf_table_as(sf_table *table, const sf_serde *key, const sf_serde *value)
{
    sf_table *other = sf_arena_alloc(table->builder->arena, sizeof(*other));

    *other = *table;
    if (key)
        other->key = key;
    if (value)
        other->value = value;
    return other;
}
