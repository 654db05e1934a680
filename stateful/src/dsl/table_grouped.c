#include <stateful/table_grouped.h>

#include "dsl/builder_implementation.h"
#include "dsl/operators/regroup.h"
#include "dsl/operators/table_aggregate.h"
#include "dsl/operators/value_pair.h"

struct sf_table_grouped {
    sf_table *table;
    size_t node; /* where the changes come by group, before the topic */
    sf_regroup_plan *plan;
    const char *name; /* of the repartition topic */
    const sf_serde *key;
    const sf_serde *value;
    sf_stream *ready; /* behind the topic; NULL: nothing was made of it yet */
};

sf_table_grouped *sf_table_group_by(sf_table *table, sf_map_fn select, void *user, const char *name)
{
    sf_builder *builder = table->builder;
    sf_regroup_plan *plan = sf_builder_alloc(builder, sizeof(*plan));
    sf_processor processor = sf_regroup_processor(plan);
    sf_table_grouped *grouped = sf_arena_zalloc(builder->arena, sizeof(*grouped));

    sf_builder_want(builder, select, "sf_table_group_by", "a function");
    sf_builder_want(builder, name, "sf_table_group_by", "a name for its repartition topic");
    sf_table_want_before(table, "sf_table_group_by");
    *plan = (sf_regroup_plan){select, user, table->key, table->is_versioned};
    grouped->table = table;
    grouped->node = sf_table_then(table, "KTABLE-SELECT-", &processor)->node;
    grouped->plan = plan;
    grouped->name = sf_arena_text(builder->arena, name ? name : "?");
    grouped->key = table->key;
    grouped->value = table->value;
    return grouped;
}

sf_table_grouped *sf_table_grouped_as(sf_table_grouped *grouped, const sf_serde *key,
                                      const sf_serde *value)
{
    if (grouped->ready)
        sf_graph_fail(grouped->table->builder->graph,
                      "sf_table_grouped_as comes before the first aggregate");
    if (key)
        grouped->key = key;
    if (value)
        grouped->value = value;
    return grouped;
}

/* The changes by group, behind the topic; it is made when the first result is asked for, and shared by
 * all. */
static sf_stream *ready_stream(sf_table_grouped *grouped)
{
    sf_builder *builder = grouped->table->builder;
    sf_serde *pair = sf_builder_alloc(builder, sizeof(*pair));
    sf_stream *ready;
    size_t topic;

    if (grouped->ready)
        return grouped->ready;
    *pair = sf_value_pair_serde(grouped->value);
    grouped->plan->key = grouped->key;
    topic = sf_graph_add_repartition(builder->graph, grouped->name, 0);
    sf_graph_add_sink(builder->graph, sf_builder_name(builder, "KSTREAM-SINK-"), topic,
                      grouped->key, pair, grouped->node);
    ready = sf_arena_zalloc(builder->arena, sizeof(*ready));
    *ready = (sf_stream){
        .builder = builder,
        .key = grouped->key,
        .value = pair,
        .on_error = grouped->table->on_error,
    };
    ready->node = sf_graph_add_source(
        builder->graph, sf_builder_name(builder, "KSTREAM-SOURCE-"), topic, false,
        &(sf_consumed){.key = grouped->key, .value = pair, .on_error = ready->on_error});
    grouped->ready = ready;
    return ready;
}

/* value: of the result, where materialized says nothing. */
static sf_table *aggregate(sf_table_grouped *grouped, const char *prefix, const sf_table_fold *fold,
                           const sf_serde *value, const sf_materialized *materialized)
{
    static const sf_materialized nothing;
    sf_builder *builder = grouped->table->builder;
    sf_table_aggregate_plan *plan = sf_builder_alloc(builder, sizeof(*plan));
    sf_processor processor = sf_table_aggregate_processor(plan);
    sf_stream *changes = ready_stream(grouped);
    sf_table *table = sf_table_new(changes, sf_stream_then(changes, prefix, &processor)->node);

    sf_builder_want(builder, materialized && materialized->name, "an aggregate",
                    "an sf_materialized with a name");
    sf_builder_want(builder, fold->add && fold->subtract, "an aggregate of a table",
                    "a function that adds and one that subtracts");
    plan->fold = *fold;
    table->value = value;
    sf_table_keep(table, materialized ? materialized : &nothing, &plan->rows);
    return table;
}

sf_table *sf_table_grouped_count(sf_table_grouped *grouped, const sf_materialized *materialized)
{
    return aggregate(grouped, "KTABLE-AGGREGATE-", &sf_table_fold_count, &sf_int64_serde,
                     materialized);
}

sf_table *sf_table_grouped_reduce(sf_table_grouped *grouped, sf_aggregate_fn add,
                                  sf_aggregate_fn subtract, void *user,
                                  const sf_materialized *materialized)
{
    sf_table_fold fold = {.add = add, .subtract = subtract, .user = user, .first_is_taken = true};

    return aggregate(grouped, "KTABLE-REDUCE-", &fold, grouped->value, materialized);
}

sf_table *sf_table_grouped_aggregate(sf_table_grouped *grouped,
                                     const sf_table_aggregation *aggregation,
                                     const sf_materialized *materialized)
{
    sf_builder *builder = grouped->table->builder;
    sf_table_fold fold = {0};

    if (aggregation) {
        fold.add = aggregation->add;
        fold.subtract = aggregation->subtract;
        fold.user = aggregation->user;
        fold.initial = sf_arena_copy(sf_graph_arena(builder->graph), aggregation->initial);
    }
    return aggregate(grouped, "KTABLE-AGGREGATE-", &fold, NULL, materialized);
}
