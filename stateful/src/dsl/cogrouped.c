#include <stateful/cogrouped.h>

#include "dsl/folding.h"
#include "dsl/grouped_implementation.h"

/* One of the streams. */
typedef struct part {
    sf_grouped *grouped;
    sf_aggregate_fn add;
    void *user;
} part;

struct sf_cogrouped {
    sf_builder *builder;
    part *parts;
    size_t count;
    sf_windowing windowing;
};

/* ---- gathering ---- */

static void add_part(sf_cogrouped *cogrouped, part added)
{
    sf_builder *builder = cogrouped->builder;
    part *parts = sf_arena_alloc(builder->arena, (cogrouped->count + 1) * sizeof(*parts));

    sf_builder_want(builder, added.add, "a cogroup", "a function for each stream");
    if (added.grouped->windowing.kind != SF_NO_WINDOWS)
        sf_graph_fail(builder->graph,
                      "a cogroup takes groupings without windows: it has windows of its own");
    if (added.grouped->stream->builder != builder)
        sf_graph_fail(builder->graph, "the streams of a cogroup are of one builder");
    else if (cogrouped->count > 0 &&
             added.grouped->stream->key != cogrouped->parts[0].grouped->stream->key)
        sf_graph_fail(builder->graph,
                      "the streams of a cogroup have keys with different serdes: make them one by "
                      "sf_grouped_as");
    for (size_t i = 0; i < cogrouped->count; i++)
        parts[i] = cogrouped->parts[i];
    parts[cogrouped->count++] = added;
    cogrouped->parts = parts;
}

sf_cogrouped *sf_grouped_cogroup(sf_grouped *grouped, sf_aggregate_fn add, void *user)
{
    sf_builder *builder = grouped->stream->builder;
    sf_cogrouped *cogrouped = sf_arena_zalloc(builder->arena, sizeof(*cogrouped));

    cogrouped->builder = builder;
    add_part(cogrouped, (part){grouped, add, user});
    return cogrouped;
}

sf_cogrouped *sf_cogrouped_with(sf_cogrouped *cogrouped, sf_grouped *grouped, sf_aggregate_fn add,
                                void *user)
{
    add_part(cogrouped, (part){grouped, add, user});
    return cogrouped;
}

/* ---- windows ---- */

static sf_cogrouped *with_windows(const sf_cogrouped *cogrouped, sf_windowing windowing)
{
    sf_cogrouped *windowed = sf_arena_alloc(cogrouped->builder->arena, sizeof(*windowed));

    *windowed = *cogrouped;
    windowed->windowing = windowing;
    return windowed;
}

sf_cogrouped *sf_cogrouped_windowed(sf_cogrouped *cogrouped, sf_window window)
{
    return with_windows(cogrouped, sf_windowing_time(cogrouped->builder->graph, window));
}

sf_cogrouped *sf_cogrouped_sliding(sf_cogrouped *cogrouped, sf_sliding_window window)
{
    return with_windows(cogrouped, sf_windowing_sliding(cogrouped->builder->graph, window));
}

sf_cogrouped *sf_cogrouped_sessions(sf_cogrouped *cogrouped, sf_session_window window)
{
    return with_windows(cogrouped, sf_windowing_sessions(cogrouped->builder->graph, window));
}

sf_cogrouped *sf_cogrouped_emit(sf_cogrouped *windowed, sf_emit emit)
{
    return with_windows(windowed,
                        sf_windowing_emitting(windowed->builder->graph, &windowed->windowing, emit,
                                              "sf_cogrouped_emit"));
}

/* ---- the table ---- */

/* All streams by key, their topics with equal partition counts. */
static sf_stream **ready_streams(const sf_cogrouped *cogrouped)
{
    sf_builder *builder = cogrouped->builder;
    sf_stream **streams = sf_arena_alloc(builder->arena, cogrouped->count * sizeof(sf_stream *));

    for (size_t i = 0; i < cogrouped->count; i++) {
        streams[i] = sf_grouped_ready(cogrouped->parts[i].grouped);
        if (i > 0)
            sf_graph_meet(builder->graph, streams[0]->node, streams[i]->node);
    }
    return streams;
}

static sf_fold fold_of(const part *at, const sf_aggregation *aggregation, sf_bytes initial)
{
    return (sf_fold){
        .add = at->add,
        .user = at->user,
        .initial = initial,
        .merge = aggregation->merge,
        .merge_user = aggregation->user,
        .skips_null = true,
    };
}

static void add_streams(const sf_cogrouped *cogrouped, const sf_aggregation *aggregation,
                        sf_stream *const *streams, sf_folding *folding)
{
    sf_builder *builder = cogrouped->builder;
    sf_bytes initial = sf_arena_copy(sf_graph_arena(builder->graph), aggregation->initial);

    for (size_t i = 0; i < cogrouped->count; i++) {
        sf_fold fold = fold_of(&cogrouped->parts[i], aggregation, initial);

        sf_folding_add(folding, sf_builder_name(builder, "COGROUPKSTREAM-AGGREGATE-"), &fold,
                       streams[i]);
    }
}

static sf_on_error strictest(const sf_cogrouped *cogrouped, sf_stream *const *streams)
{
    for (size_t i = 1; i < cogrouped->count; i++)
        if (streams[i]->on_error == SF_ON_ERROR_FAIL)
            return SF_ON_ERROR_FAIL;
    return streams[0]->on_error;
}

/* What comes out of all of them. */
static size_t add_merge(sf_builder *builder, const sf_folding *folding)
{
    static const sf_processor pass;
    size_t node =
        sf_graph_add_processor(builder->graph, sf_builder_name(builder, "COGROUPKSTREAM-MERGE-"),
                               &pass, folding->nodes[0]);

    for (size_t i = 1; i < folding->count; i++)
        sf_graph_connect(builder->graph, folding->nodes[i], node);
    return node;
}

sf_table *sf_cogrouped_aggregate(sf_cogrouped *cogrouped, const sf_aggregation *aggregation,
                                 const sf_materialized *materialized)
{
    static const sf_aggregation nothing;
    sf_builder *builder = cogrouped->builder;
    sf_folding folding = sf_folding_new(builder, &cogrouped->windowing, materialized);
    sf_stream **streams = ready_streams(cogrouped);
    sf_table *table;

    aggregation = aggregation ? aggregation : &nothing;
    if (cogrouped->windowing.kind == SF_SESSION_WINDOWS)
        sf_builder_want(builder, aggregation->merge, "a cogroup of sessions",
                        "a function that merges");
    if (aggregation->add)
        sf_graph_fail(builder->graph, "the streams of a cogroup bring their functions: "
                                      "sf_cogrouped_aggregate takes none");
    add_streams(cogrouped, aggregation, streams, &folding);
    table = sf_folding_table(&folding, streams[0]);
    table->node = add_merge(builder, &folding);
    table->on_error = strictest(cogrouped, streams);
    return table;
}
