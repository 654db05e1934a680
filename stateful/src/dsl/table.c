/* table.c - tables as such: kept in a store or passing by, looked up, asked for the values before. */
#include <stateful/table.h>

#include "dsl/builder_implementation.h"
#include "dsl/operators/table_source.h"

/* ---- making ---- */

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

sf_stream sf_table_as_stream(const sf_table *table)
{
    return (sf_stream){
        .builder = table->builder,
        .node = table->node,
        .key = table->key,
        .value = table->value,
        .on_error = table->on_error,
    };
}

sf_table *sf_table_at(const sf_table *table, size_t node)
{
    sf_stream rows = sf_table_as_stream(table);
    sf_table *result = sf_table_new(&rows, node);

    result->is_windowed = table->is_windowed;
    result->open_ms = table->open_ms;
    result->is_versioned = table->is_versioned;
    result->history_ms = table->history_ms;
    return result;
}

sf_table *sf_table_then(sf_table *table, const char *prefix, const sf_processor *processor)
{
    sf_stream rows = sf_table_as_stream(table);

    return sf_table_at(table, sf_stream_then(&rows, prefix, processor)->node);
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

/* ---- stores ---- */

static sf_store_options store_options(const sf_materialized *materialized)
{
    bool is_versioned = materialized->history_ms > 0;

    return (sf_store_options){
        .name = materialized->name,
        .kind = is_versioned ? SF_VERSIONED_STORE : SF_KEY_VALUE_STORE,
        .history_ms = materialized->history_ms,
        .segment_ms = materialized->segment_ms,
        .in_memory = materialized->in_memory,
        .logging_off = materialized->logging_off,
        .caching_off = materialized->caching_off,
    };
}

void sf_table_found_in(sf_table *table, const sf_store_lookup_plan *plan, size_t store)
{
    sf_store_lookup_plan *lookup = sf_builder_alloc(table->builder, sizeof(*lookup));

    *lookup = *plan;
    lookup->base = sf_store_lookup;
    table->lookup = &lookup->base;
    table->lookup_stores = (sf_index_list){0};
    sf_index_list_add(&table->lookup_stores, store, table->builder->arena);
}

void sf_table_keep(sf_table *table, const sf_materialized *materialized, sf_kept_rows_plan *plan)
{
    sf_store_options options = store_options(materialized);
    sf_graph *graph = table->builder->graph;

    table->key = materialized->key ? materialized->key : table->key;
    table->value = materialized->value ? materialized->value : table->value;
    table->store = sf_graph_add_store(graph, &options);
    table->store_name = sf_arena_text(sf_graph_arena(graph), options.name ? options.name : "?");
    table->store_key = table->key;
    table->store_value = table->value;
    table->is_kept = true;
    table->is_versioned = options.kind == SF_VERSIONED_STORE;
    table->history_ms = options.history_ms;
    sf_graph_use_store(graph, table->node, table->store);
    *plan = (sf_kept_rows_plan){
        .store = table->store_name,
        .key = table->key,
        .value = table->value,
        .is_versioned = table->is_versioned,
        .sends_before = plan->sends_before,
    };
    table->sends_before = &plan->sends_before;
    table->before_from[0] = table->before_from[1] = NULL;
    sf_table_found_in(table,
                      &(sf_store_lookup_plan){
                          .kind = options.kind,
                          .store = table->store_name,
                          .key = table->key,
                          .value = table->value,
                      },
                      table->store);
}

/* ---- rows and values before, for those behind ---- */

const sf_lookup_plan *sf_table_look_up(const sf_table *table, size_t node, const char *call)
{
    sf_graph *graph = table->builder->graph;

    if (!table->lookup)
        sf_graph_fail(graph, "%s wants a table that is kept: give it a name by sf_materialized",
                      call);
    for (size_t i = 0; i < table->lookup_stores.count; i++)
        sf_graph_use_store(graph, node, table->lookup_stores.items[i]);
    return table->lookup;
}

bool sf_table_ask_before(sf_table *table)
{
    if (!table->sends_before)
        return false;
    for (size_t i = 0; i < 2; i++)
        if (table->before_from[i] && !sf_table_ask_before(table->before_from[i]))
            return false;
    *table->sends_before = true;
    return true;
}

void sf_table_want_before(sf_table *table, const char *call)
{
    if (!sf_table_ask_before(table))
        sf_graph_fail(table->builder->graph,
                      "%s wants the values before a change, which only a table that is kept knows: "
                      "give it a name by sf_materialized",
                      call);
}

/* ---- from streams, and back ---- */

sf_table *sf_table_of_stream(sf_stream *stream, const char *prefix,
                             const sf_materialized *materialized)
{
    sf_kept_rows_plan *plan = sf_builder_alloc(stream->builder, sizeof(*plan));
    sf_processor kept = sf_table_source_processor(plan);
    sf_stream *rows =
        sf_stream_then(stream, prefix, materialized ? &kept : &sf_table_passing_processor);
    sf_table *table = sf_table_new(rows, rows->node);

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

sf_stream *sf_table_to_stream(sf_table *table)
{
    static const sf_processor pass;
    sf_stream rows = sf_table_as_stream(table);

    return sf_stream_then(&rows, "KTABLE-TOSTREAM-", &pass);
}
