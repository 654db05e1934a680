/* windowing.h - the windows of a grouping or a cogroup, whatever their kind, and when results of theirs
 * go on. Misuses are remembered by the graph. */
#ifndef SF_DSL_WINDOWING_H
#define SF_DSL_WINDOWING_H

#include <stateful/builder.h>
#include <stateful/window.h>

#include "topology/graph.h"

typedef enum sf_windowing_kind {
    SF_NO_WINDOWS,
    SF_TIME_WINDOWS,
    SF_SLIDING_WINDOWS,
    SF_SESSION_WINDOWS,
    SF_UNLIMITED_WINDOWS,
} sf_windowing_kind;

typedef struct sf_windowing {
    sf_windowing_kind kind;
    int64_t size_ms; /* from start to end, INT64_MAX: without end; sessions: the gap */
    int64_t advance_ms;
    int64_t start_ms;
    int64_t grace_ms;
    sf_emit emit;
} sf_windowing;

sf_windowing sf_windowing_time(sf_graph *graph, sf_window window);
sf_windowing sf_windowing_sliding(sf_graph *graph, sf_sliding_window window);
sf_windowing sf_windowing_sessions(sf_graph *graph, sf_session_window window);
sf_windowing sf_windowing_unlimited(sf_graph *graph, sf_unlimited_window window);

/* The same with results on update or close; call is for the sentence. */
sf_windowing sf_windowing_emitting(sf_graph *graph, const sf_windowing *windowing, sf_emit emit,
                                   const char *call);

static inline bool sf_windowing_is_final(const sf_windowing *windowing)
{
    return windowing->emit != SF_EMIT_ON_UPDATE;
}

/* Whether results go out before the record that closes them is taken up. */
bool sf_windowing_emits_first(const sf_windowing *windowing, const sf_materialized *materialized);

/* How long after its end, by stream time, a window may still change; -1: for ever. */
int64_t sf_windowing_open_ms(const sf_windowing *windowing);

/* The store for results of these windows. */
sf_store_options sf_windowing_store(sf_graph *graph, const sf_windowing *windowing,
                                    const sf_materialized *materialized);

/* The serde of windowed keys; it lives in the graph's arena. */
const sf_serde *sf_windowing_serde(sf_graph *graph, const sf_windowing *windowing,
                                   const sf_serde *key);

#endif
