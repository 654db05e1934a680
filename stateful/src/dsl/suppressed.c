/* suppressed.c - tables that hold their updates back. */
#include <stateful/table.h>

#include "dsl/builder_implementation.h"
#include "dsl/operators/suppress.h"

static void check(sf_table *table, const sf_suppressed *suppressed)
{
    sf_builder *builder = table->builder;
    bool is_final = suppressed->until == SF_UNTIL_WINDOW_CLOSES;
    bool has_bound = suppressed->max_records || suppressed->max_bytes;

    sf_builder_want(builder, suppressed->name, "sf_table_suppress", "a name for its buffer");
    sf_builder_want(builder, !is_final || (table->is_windowed && table->open_ms >= 0),
                    "sf_table_suppress", "windows that close, to wait for that");
    sf_builder_want(builder, !is_final || !has_bound || suppressed->when_full == SF_WHEN_FULL_STOP,
                    "sf_table_suppress",
                    "SF_WHEN_FULL_STOP where results are final: they may not "
                    "leave early");
    sf_builder_want(builder, !table->is_versioned || !table->is_kept, "sf_table_suppress",
                    "a table that is not versioned");
}

/* The store of the updates that wait. */
static size_t add_store(sf_builder *builder, const sf_suppressed *suppressed)
{
    sf_store_options options = {
        .name = suppressed->name ? suppressed->name : "?",
        .kind = SF_KEY_VALUE_STORE,
        .logging_off = suppressed->logging_off,
    };

    return sf_graph_add_store(builder->graph, &options);
}

/* Rows are found where those of the table are, but for what waits. */
static void find_through(sf_table *result, const sf_table *from, const sf_suppress_plan *plan,
                         size_t store)
{
    sf_arena *arena = result->builder->arena;

    if (!from->lookup)
        return;
    result->lookup = &plan->lookup;
    sf_index_list_add(&result->lookup_stores, store, arena);
    for (size_t i = 0; i < from->lookup_stores.count; i++)
        sf_index_list_add_once(&result->lookup_stores, from->lookup_stores.items[i], arena);
}

sf_table *sf_table_suppress(sf_table *table, const sf_suppressed *suppressed)
{
    static const sf_suppressed nothing;
    sf_builder *builder = table->builder;
    sf_suppress_plan *plan = sf_builder_alloc(builder, sizeof(*plan));
    sf_processor processor = sf_suppress_processor(plan);
    sf_table *result = sf_table_then(table, "KTABLE-SUPPRESS-", &processor);
    size_t store;

    suppressed = suppressed ? suppressed : &nothing;
    check(table, suppressed);
    sf_table_want_before(table, "sf_table_suppress");
    plan->from = table->lookup;
    plan->store =
        sf_arena_text(sf_graph_arena(builder->graph), suppressed->name ? suppressed->name : "?");
    plan->key = table->key;
    plan->value = table->value;
    plan->is_final = suppressed->until == SF_UNTIL_WINDOW_CLOSES;
    plan->wait_ms = plan->is_final ? table->open_ms : suppressed->limit_ms;
    plan->max_keys = suppressed->max_records;
    plan->max_bytes = suppressed->max_bytes;
    plan->stops_when_full = suppressed->when_full == SF_WHEN_FULL_STOP;
    store = add_store(builder, suppressed);
    sf_graph_use_store(builder->graph, result->node, store);
    result->is_versioned = false;
    result->sends_before = &plan->sends_before;
    result->before_from[0] = table;
    find_through(result, table, plan, store);
    return result;
}
