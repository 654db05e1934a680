#include "dsl/windowing.h"

#include <stateful/arena.h>
#include <stateful/windowed.h>

/* ---- kinds ---- */

sf_windowing sf_windowing_time(sf_graph *graph, sf_window window)
{
    int64_t advance_ms = window.advance_ms ? window.advance_ms : window.size_ms;

    if (window.size_ms <= 0 || advance_ms < 0 || advance_ms > window.size_ms ||
        window.grace_ms < 0) {
        sf_graph_fail(graph,
                      "a window needs a size above 0, an advance of at most its size and a grace "
                      "of at least 0");
        window.size_ms = advance_ms = 1;
    }
    return (sf_windowing){
        .kind = SF_TIME_WINDOWS,
        .size_ms = window.size_ms,
        .advance_ms = advance_ms,
        .grace_ms = window.grace_ms,
    };
}

sf_windowing sf_windowing_sliding(sf_graph *graph, sf_sliding_window window)
{
    if (window.diff_ms < 0 || window.grace_ms < 0)
        sf_graph_fail(graph, "a sliding window needs a difference and a grace of at least 0");
    return (sf_windowing){
        .kind = SF_SLIDING_WINDOWS,
        .size_ms = window.diff_ms,
        .grace_ms = window.grace_ms,
    };
}

sf_windowing sf_windowing_sessions(sf_graph *graph, sf_session_window window)
{
    if (window.gap_ms <= 0 || window.grace_ms < 0)
        sf_graph_fail(graph, "a session window needs a gap above 0 and a grace of at least 0");
    return (sf_windowing){
        .kind = SF_SESSION_WINDOWS,
        .size_ms = window.gap_ms,
        .grace_ms = window.grace_ms,
    };
}

sf_windowing sf_windowing_unlimited(sf_graph *graph, sf_unlimited_window window)
{
    if (window.start_ms < 0)
        sf_graph_fail(graph, "an unlimited window cannot begin before 1970");
    return (sf_windowing){
        .kind = SF_UNLIMITED_WINDOWS,
        .size_ms = INT64_MAX,
        .start_ms = window.start_ms,
    };
}

sf_windowing sf_windowing_emitting(sf_graph *graph, const sf_windowing *windowing, sf_emit emit,
                                   const char *call)
{
    sf_windowing result = *windowing;

    result.emit = emit;
    if (result.kind == SF_NO_WINDOWS)
        sf_graph_fail(graph, "%s wants windows: there is nothing that could close", call);
    if (result.kind == SF_UNLIMITED_WINDOWS && sf_windowing_is_final(&result))
        sf_graph_fail(graph, "unlimited windows never close: results go on with each update");
    return result;
}

/* ---- how long windows live ---- */

int64_t sf_windowing_open_ms(const sf_windowing *windowing)
{
    if (windowing->kind == SF_UNLIMITED_WINDOWS)
        return -1;
    if (windowing->kind == SF_SESSION_WINDOWS)
        return windowing->size_ms + windowing->grace_ms;
    return windowing->grace_ms;
}

/* For how long a window may be needed. */
static int64_t shortest_retention(const sf_windowing *windowing)
{
    if (windowing->kind == SF_SLIDING_WINDOWS)
        return 2 * windowing->size_ms + windowing->grace_ms;
    return windowing->size_ms + windowing->grace_ms;
}

static const char *retention_wanted(const sf_windowing *windowing)
{
    if (windowing->kind == SF_SLIDING_WINDOWS)
        return "twice the difference and grace";
    return windowing->kind == SF_SESSION_WINDOWS ? "gap and grace" : "size and grace";
}

/* What the store must know beyond the retention, or a late record that is just in time would not find
 * what it belongs to: it hides rows of exactly that age. A session that ends with the close time may
 * still grow. A record whose right neighbour's window closes then is known by a window that begins
 * two ms earlier than the reference's retention reaches. Where the reference loses results on close, it
 * is to lose the same. */
static int64_t spare_ms(const sf_windowing *windowing)
{
    if (windowing->kind == SF_SESSION_WINDOWS)
        return 1;
    if (windowing->kind == SF_SLIDING_WINDOWS && windowing->emit != SF_EMIT_ON_CLOSE)
        return 2;
    return 0;
}

/* 0: for ever. */
static int64_t retention(sf_graph *graph, const sf_windowing *windowing,
                         const sf_materialized *materialized)
{
    const char *name = materialized->name ? materialized->name : "?";
    int64_t wanted = shortest_retention(windowing);

    if (windowing->kind == SF_UNLIMITED_WINDOWS && materialized->retention_ms)
        sf_graph_fail(graph, "the store '%s' is of unlimited windows, which are kept for ever",
                      name);
    if (windowing->kind == SF_UNLIMITED_WINDOWS)
        return 0;
    if (materialized->retention_ms && materialized->retention_ms < wanted)
        sf_graph_fail(graph, "the store '%s' keeps windows for %lld ms, less than %s: %lld ms",
                      name, (long long)materialized->retention_ms, retention_wanted(windowing),
                      (long long)wanted);
    if (materialized->retention_ms)
        return materialized->retention_ms;
    return wanted ? wanted : 1; /* a sliding window of an instant */
}

/* A store in memory forgets a session in the instant in which it closes. */
bool sf_windowing_emits_first(const sf_windowing *windowing, const sf_materialized *materialized)
{
    bool is_session = windowing->kind == SF_SESSION_WINDOWS;

    return windowing->emit == SF_EMIT_ON_CLOSE_LOSSLESS ||
           (windowing->emit == SF_EMIT_ON_CLOSE && is_session && materialized->in_memory);
}

sf_store_options sf_windowing_store(sf_graph *graph, const sf_windowing *windowing,
                                    const sf_materialized *materialized)
{
    bool is_session = windowing->kind == SF_SESSION_WINDOWS;
    bool is_final = sf_windowing_is_final(windowing);
    sf_store_options options = {
        .name = materialized->name,
        .kind = is_session ? SF_SESSION_STORE : SF_WINDOW_STORE,
        .in_memory = materialized->in_memory,
        .logging_off = materialized->logging_off,
        .caching_off = materialized->caching_off,
        .retention_ms = retention(graph, windowing, materialized),
        .by_time = materialized->by_time || (is_final && windowing->kind == SF_TIME_WINDOWS),
        .time_index = is_final && windowing->kind != SF_TIME_WINDOWS,
    };

    if (materialized->history_ms)
        sf_graph_fail(graph, "the store '%s' is of windows, which have no history",
                      materialized->name ? materialized->name : "?");
    if (!is_session)
        options.window_size_ms = windowing->size_ms > 0 ? windowing->size_ms : 1;
    if (options.retention_ms)
        options.retention_ms += spare_ms(windowing);
    return options;
}

/* ---- keys ---- */

const sf_serde *sf_windowing_serde(sf_graph *graph, const sf_windowing *windowing,
                                   const sf_serde *key)
{
    sf_arena *arena = sf_graph_arena(graph);
    sf_windowed_format *format = sf_arena_zalloc(arena, sizeof(*format));
    sf_serde *serde = sf_arena_zalloc(arena, sizeof(*serde));

    *format = (sf_windowed_format){key, windowing->size_ms};
    *serde = windowing->kind == SF_SESSION_WINDOWS ? sf_session_windowed_serde(format)
                                                   : sf_windowed_serde(format);
    return serde;
}
