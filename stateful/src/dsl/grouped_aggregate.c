/* grouped_aggregate.c - groups become tables: count, reduce, aggregate. */
#include "dsl/folding.h"
#include "dsl/grouped_implementation.h"

/* The node's number comes before those of the repartition topic, as in Kafka Streams. */
static sf_table *aggregate(sf_grouped *grouped, const char *prefix, const sf_fold *fold,
                           const sf_materialized *materialized)
{
    sf_builder *builder = grouped->stream->builder;
    sf_folding folding = sf_folding_new(builder, &grouped->windowing, materialized);
    const char *name = sf_builder_name(builder, prefix);

    sf_builder_want(builder, fold->add, "an aggregate", "a function");
    sf_folding_add(&folding, name, fold, sf_grouped_ready(grouped));
    return sf_folding_table(&folding, sf_grouped_ready(grouped));
}

sf_table *sf_grouped_count_with(sf_grouped *grouped, const sf_materialized *materialized)
{
    sf_materialized counting = {0};

    if (materialized)
        counting = *materialized;
    if (!counting.value)
        counting.value = &sf_int64_serde;
    return aggregate(grouped, "KSTREAM-AGGREGATE-", &sf_fold_count, &counting);
}

sf_table *sf_grouped_count(sf_grouped *grouped, const char *store)
{
    return sf_grouped_count_with(grouped, &(sf_materialized){.name = store});
}

sf_table *sf_grouped_reduce(sf_grouped *grouped, sf_aggregate_fn add, void *user,
                            const sf_materialized *materialized)
{
    sf_fold fold = {.add = add, .user = user, .first_is_taken = true};
    sf_materialized reducing = {0};

    if (materialized)
        reducing = *materialized;
    if (!reducing.value)
        reducing.value = grouped->stream->value;
    return aggregate(grouped, "KSTREAM-REDUCE-", &fold, &reducing);
}

sf_table *sf_grouped_aggregate(sf_grouped *grouped, const sf_aggregation *aggregation,
                               const sf_materialized *materialized)
{
    static const sf_aggregation nothing;
    sf_builder *builder = grouped->stream->builder;
    sf_fold fold;

    aggregation = aggregation ? aggregation : &nothing;
    fold = (sf_fold){
        .add = aggregation->add,
        .user = aggregation->user,
        .merge = aggregation->merge,
        .merge_user = aggregation->user,
        .initial = sf_arena_copy(sf_graph_arena(builder->graph), aggregation->initial),
    };
    if (grouped->windowing.kind == SF_SESSION_WINDOWS)
        sf_builder_want(builder, fold.merge, "an aggregate of sessions", "a function that merges");
    return aggregate(grouped, "KSTREAM-AGGREGATE-", &fold, materialized);
}
