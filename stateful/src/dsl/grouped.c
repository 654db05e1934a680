/* grouped.c - groupings and their windows. What becomes of them stands in grouped_aggregate.c. */
#include "dsl/grouped_implementation.h"

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
    other->windowing = grouped->windowing;
    return other;
}

sf_stream *sf_grouped_ready(sf_grouped *grouped)
{
    sf_grouped *owner = grouped->unwindowed ? grouped->unwindowed : grouped;

    if (!owner->ready)
        owner->ready = sf_stream_by_key(owner->stream, owner->name, owner->call);
    return owner->ready;
}

/* ---- windows ---- */

static sf_graph *graph_of(const sf_grouped *grouped)
{
    return grouped->stream->builder->graph;
}

static sf_grouped *with_windows(sf_grouped *grouped, sf_windowing windowing)
{
    sf_grouped *windowed = group(grouped->stream, grouped->name, grouped->call);

    windowed->windowing = windowing;
    windowed->unwindowed = grouped->unwindowed ? grouped->unwindowed : grouped;
    return windowed;
}

sf_grouped *sf_grouped_windowed(sf_grouped *grouped, sf_window window)
{
    return with_windows(grouped, sf_windowing_time(graph_of(grouped), window));
}

sf_grouped *sf_grouped_sliding(sf_grouped *grouped, sf_sliding_window window)
{
    return with_windows(grouped, sf_windowing_sliding(graph_of(grouped), window));
}

sf_grouped *sf_grouped_sessions(sf_grouped *grouped, sf_session_window window)
{
    return with_windows(grouped, sf_windowing_sessions(graph_of(grouped), window));
}

sf_grouped *sf_grouped_unlimited(sf_grouped *grouped, sf_unlimited_window window)
{
    return with_windows(grouped, sf_windowing_unlimited(graph_of(grouped), window));
}

sf_grouped *sf_grouped_emit(sf_grouped *windowed, sf_emit emit)
{
    return with_windows(windowed, sf_windowing_emitting(graph_of(windowed), &windowed->windowing,
                                                        emit, "sf_grouped_emit"));
}
