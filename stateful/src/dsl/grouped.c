#include <stateful/grouped.h>

#include <stateful/windowed.h>

#include "dsl/builder_implementation.h"
#include "dsl/operators/aggregate.h"
#include "dsl/operators/map.h"
#include "dsl/operators/window_aggregate.h"

struct sf_grouped {
    sf_stream *stream;
    const char *name; /* of the repartition topic, should one be needed */
    const char *call; /* for messages */
    sf_stream *ready; /* by key; NULL: not asked for yet */
    bool is_windowed;
    sf_window window;
    sf_grouped *unwindowed; /* whose `ready` is shared */
};

/* ---- grouping ---- */

static sf_grouped *group(sf_stream *stream, const char *name, const char *call)
{
    sf_arena *arena = stream->builder->arena;
    sf_grouped *grouped = sf_arena_zalloc(arena, sizeof(*grouped));

    grouped->stream = stream;
    grouped->name = name ? sf_arena_text(arena, name) : NULL;
    grouped->call = call;
    return grouped;
}

sf_grouped *sf_stream_group_by_key(sf_stream *stream, const char *name)
{
    return group(stream, name, "sf_stream_group_by_key");
}

sf_grouped *sf_stream_group_by(sf_stream *stream, sf_map_fn select, void *user, const char *name)
{
    return group(sf_stream_select_key(stream, select, user), name, "sf_stream_group_by");
}

sf_grouped *sf_grouped_as(sf_grouped *grouped, const sf_serde *key, const sf_serde *value)
{
    sf_grouped *other =
        group(sf_stream_as(grouped->stream, key, value), grouped->name, grouped->call);

    if (grouped->ready)
        sf_graph_fail(grouped->stream->builder->graph,
                      "sf_grouped_as comes before the first aggregate");
    return other;
}

sf_grouped *sf_grouped_windowed(sf_grouped *grouped, sf_window window)
{
    sf_grouped *windowed = group(grouped->stream, grouped->name, grouped->call);

    if (!window.advance_ms)
        window.advance_ms = window.size_ms;
    if (window.size_ms <= 0 || window.advance_ms < 0 || window.advance_ms > window.size_ms ||
        window.grace_ms < 0)
        sf_graph_fail(grouped->stream->builder->graph,
                      "a window needs a size above 0, an advance of at most its size and a grace "
                      "of at least 0");
    windowed->is_windowed = true;
    windowed->window = window;
    windowed->unwindowed = grouped->unwindowed ? grouped->unwindowed : grouped;
    return windowed;
}

/* The records by key; the repartition topic is made when the first result is asked for, and shared
 * by all. */
static sf_stream *ready_stream(sf_grouped *grouped)
{
    sf_grouped *owner = grouped->unwindowed ? grouped->unwindowed : grouped;

    if (!owner->ready)
        owner->ready = sf_stream_by_key(owner->stream, owner->name, owner->call);
    if (owner->ready->key_filter)
        owner->ready->key_filter->someone_needs_keys = true;
    return owner->ready;
}

/* ---- aggregates ---- */

/* The node's number comes before those of the repartition topic, as in Kafka Streams. */
static size_t add_node(sf_grouped *grouped, const char *prefix, const sf_processor *processor)
{
    sf_builder *builder = grouped->stream->builder;
    char *name = sf_builder_name(builder, prefix);

    return sf_graph_add_processor(builder->graph, name, processor, ready_stream(grouped)->node);
}

static sf_table *aggregate_plain(sf_grouped *grouped, const char *prefix, const sf_fold *fold,
                                 const sf_materialized *materialized)
{
    sf_aggregate_plan *plan = sf_builder_alloc(grouped->stream->builder, sizeof(*plan));
    sf_processor processor = sf_aggregate_processor(plan);
    size_t node = add_node(grouped, prefix, &processor);
    sf_table *table = sf_table_new(ready_stream(grouped), node);

    plan->fold = *fold;
    table->value = NULL;
    sf_table_keep(table, materialized, &plan->rows);
    return table;
}

static const sf_serde *windowed_serde(sf_builder *builder, const sf_serde *key, int64_t size_ms)
{
    sf_windowed_format *format = sf_builder_alloc(builder, sizeof(*format));
    sf_serde *serde = sf_builder_alloc(builder, sizeof(*serde));

    *format = (sf_windowed_format){key, size_ms};
    *serde = sf_windowed_serde(format);
    return serde;
}

static sf_store_options window_store(const sf_window *window, const sf_materialized *materialized)
{
    return (sf_store_options){
        .name = materialized->name,
        .kind = SF_WINDOW_STORE,
        .in_memory = materialized->in_memory,
        .logging_off = materialized->logging_off,
        .caching_off = materialized->caching_off,
        .window_size_ms = window->size_ms,
        .retention_ms = materialized->retention_ms ? materialized->retention_ms
                                                   : window->size_ms + window->grace_ms,
        .by_time = materialized->by_time,
    };
}

static sf_table *aggregate_windows(sf_grouped *grouped, const char *prefix, const sf_fold *fold,
                                   const sf_materialized *materialized)
{
    sf_builder *builder = grouped->stream->builder;
    sf_window_aggregate_plan *plan = sf_builder_alloc(builder, sizeof(*plan));
    sf_processor processor = sf_window_aggregate_processor(plan);
    size_t node = add_node(grouped, prefix, &processor);
    sf_stream *records = ready_stream(grouped);
    sf_table *table = sf_table_new(records, node);
    sf_store_options options = window_store(&grouped->window, materialized);
    const char *name = options.name ? options.name : "?";

    if (options.retention_ms < grouped->window.size_ms + grouped->window.grace_ms)
        sf_graph_fail(builder->graph,
                      "the window store '%s' keeps windows for %lld ms, less than size and grace",
                      name, (long long)options.retention_ms);
    *plan = (sf_window_aggregate_plan){
        .fold = *fold,
        .window = grouped->window,
        .store = sf_arena_text(sf_graph_arena(builder->graph), name),
        .key = materialized->key ? materialized->key : records->key,
        .value = materialized->value,
        .caching_off = materialized->caching_off,
    };
    sf_graph_use_store(builder->graph, node, sf_graph_add_store(builder->graph, &options));
    table->is_windowed = true;
    table->key = windowed_serde(builder, plan->key, grouped->window.size_ms);
    table->value = plan->value;
    return table;
}

static sf_table *aggregate(sf_grouped *grouped, const char *prefix, const sf_fold *fold,
                           const sf_materialized *materialized)
{
    static const sf_materialized nothing;

    sf_builder_want(grouped->stream->builder, materialized && materialized->name, "an aggregate",
                    "an sf_materialized with a name");
    sf_builder_want(grouped->stream->builder, fold->add, "an aggregate", "a function");
    materialized = materialized ? materialized : &nothing;
    if (grouped->is_windowed)
        return aggregate_windows(grouped, prefix, fold, materialized);
    return aggregate_plain(grouped, prefix, fold, materialized);
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
    sf_builder *builder = grouped->stream->builder;
    sf_fold fold = {0};

    if (aggregation) {
        fold.add = aggregation->add;
        fold.user = aggregation->user;
        fold.initial = sf_arena_copy(sf_graph_arena(builder->graph), aggregation->initial);
    }
    return aggregate(grouped, "KSTREAM-AGGREGATE-", &fold, materialized);
}
