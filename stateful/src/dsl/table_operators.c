/* table_operators.c - row by row: filter, map_values, transform_values. */
#include <stateful/table.h>

#include "dsl/builder_implementation.h"
#include "dsl/operators/table_filter.h"
#include "dsl/operators/table_map.h"
#include "dsl/operators/table_transform.h"

/* The rest of an operator whose rows follow from those of one table: kept in a store, or looked up and
 * asked for through that table. */
static void settle(sf_table *result, sf_table *from, const sf_materialized *materialized,
                   sf_kept_rows_plan *rows, const sf_lookup_plan *through)
{
    if (materialized) {
        sf_table_keep(result, materialized, rows);
        return;
    }
    result->sends_before = &rows->sends_before;
    result->before_from[0] = from;
    if (from->lookup && through) {
        result->lookup = through;
        result->lookup_stores = from->lookup_stores;
    }
}

/* Where the values before can be had, deletions of what never was there are not sent. */
static sf_table *filter(sf_table *table, sf_predicate_fn predicate, void *user, bool negated,
                        const sf_materialized *materialized)
{
    sf_table_filter_plan *plan = sf_builder_alloc(table->builder, sizeof(*plan));
    sf_processor processor = sf_table_filter_processor(plan);
    sf_table *result = sf_table_then(table, "KTABLE-FILTER-", &processor);

    sf_builder_want(table->builder, predicate, "sf_table_filter", "a predicate");
    plan->filter = (sf_filter){predicate, user, negated};
    plan->is_versioned = table->is_versioned;
    plan->rows.sends_before = sf_table_ask_before(table);
    plan->from = table->lookup;
    settle(result, table, materialized, &plan->rows, &plan->lookup);
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
    sf_table *result = sf_table_then(table, "KTABLE-MAPVALUES-", &processor);

    sf_builder_want(table->builder, map, "sf_table_map_values", "a function");
    plan->step = (sf_map_step){map, user};
    plan->from = table->lookup;
    settle(result, table, materialized, &plan->rows, &plan->lookup);
    return result;
}

/* Its rows are found only where they are kept: a processor belongs to its own place. */
sf_table *sf_table_transform_values(sf_table *table, const sf_processor *processor,
                                    const char *const *stores, const sf_materialized *materialized)
{
    static const sf_processor pass;
    sf_table_transform_plan *plan = sf_builder_alloc(table->builder, sizeof(*plan));
    sf_processor transform = sf_table_transform_processor(plan);
    sf_table *result = sf_table_then(table, "KTABLE-TRANSFORMVALUES-", &transform);

    sf_builder_want(table->builder, processor, "sf_table_transform_values", "a processor");
    plan->transform = processor ? *processor : pass;
    for (; stores && *stores; stores++)
        sf_graph_use_store_named(table->builder->graph, result->node, *stores);
    settle(result, table, materialized, &plan->rows, NULL);
    return result;
}
