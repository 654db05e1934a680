/* cogrouped.h - several grouped streams, each with its own aggregator, gathered in one aggregate.
 *
 * Keys must have one type and be co-partitioned; a stream whose key may have changed goes through its
 * repartition topic first. Records without key or value are dropped and counted. Each stream has its
 * own stream time for what is late; with results on close they share one. All of it belongs to the
 * builder; one thread.
 */
#ifndef STATEFUL_COGROUPED_H
#define STATEFUL_COGROUPED_H

#include <stateful/grouped.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sf_cogrouped sf_cogrouped;

/* The groups of one stream and what they add; user is borrowed and outlives the topology. */
sf_cogrouped *sf_grouped_cogroup(sf_grouped *grouped, sf_aggregate_fn add, void *user);

/* One more stream; returns cogrouped. */
sf_cogrouped *sf_cogrouped_with(sf_cogrouped *cogrouped, sf_grouped *grouped, sf_aggregate_fn add,
                                void *user);

/* The same, per window. */
sf_cogrouped *sf_cogrouped_windowed(sf_cogrouped *cogrouped, sf_window window);
sf_cogrouped *sf_cogrouped_sliding(sf_cogrouped *cogrouped, sf_sliding_window window);
sf_cogrouped *sf_cogrouped_sessions(sf_cogrouped *cogrouped, sf_session_window window);
sf_cogrouped *sf_cogrouped_emit(sf_cogrouped *windowed, sf_emit emit);

/* aggregation: its initial and, for sessions, merge and user; add is NULL, the streams bring theirs. */
sf_table *sf_cogrouped_aggregate(sf_cogrouped *cogrouped, const sf_aggregation *aggregation,
                                 const sf_materialized *materialized);

#ifdef __cplusplus
}
#endif

#endif
