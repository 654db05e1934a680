/* stream_side.h - what the operators of a join of two streams know of it; constant.
 *
 * Both sides are kept in window stores that retain duplicates, by the time of each record. What has met
 * nothing waits in a third store (see unmatched.h) for the end of its window.
 */
#ifndef SF_DSL_OPERATORS_STREAM_SIDE_H
#define SF_DSL_OPERATORS_STREAM_SIDE_H

#include <stateful/serde.h>

#include "dsl/operators/joiner.h"

enum {
    SF_JOIN_LEFT,
    SF_JOIN_RIGHT,
    SF_JOIN_SIDES,
};

/* One of them. Records of the other side meet it if they lie within [time - before, time + after]. */
typedef struct sf_stream_side {
    const char *store; /* that keeps its records */
    const sf_serde *key;
    const sf_serde *value;
    int64_t before_ms;
    int64_t after_ms;
    bool is_outer; /* what has met nothing makes a result too */
} sf_stream_side;

typedef struct sf_stream_join_plan {
    sf_joiner joiner;
    sf_stream_side sides[SF_JOIN_SIDES];
    int64_t grace_ms;
    const char *unmatched; /* the store of what waits; NULL: nothing does */
} sf_stream_join_plan;

/* A node of one side. */
typedef struct sf_stream_join_node {
    const sf_stream_join_plan *plan;
    int side;
    bool is_kept; /* nodes that keep records: here, not by the node of the other side */
} sf_stream_join_node;

/* time + by_ms, as far as numbers go. */
static inline int64_t sf_join_time(int64_t time, int64_t by_ms)
{
    int64_t sum;

    if (__builtin_add_overflow(time, by_ms, &sum))
        return by_ms > 0 ? INT64_MAX : INT64_MIN;
    return sum;
}

#endif
