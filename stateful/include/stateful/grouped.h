/* grouped.h - records of a stream by key, and what becomes of each group.
 *
 * Records without key are dropped and counted; without a value too, but for windows that do not slide.
 * Late records are dropped and counted once per window they are late for. The result's timestamp is
 * the largest in the group so far, a session's its end. With caching (the usual case) the newest
 * result of each key goes downstream at the commit, else each one at once. All of it belongs to the
 * builder; one thread.
 */
#ifndef STATEFUL_GROUPED_H
#define STATEFUL_GROUPED_H

#include <stateful/stream.h>
#include <stateful/table.h>
#include <stateful/window.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The same groups, written with other serdes in the repartition topic and as keys of stores; NULL: as
 * before. Before anything is made of it. */
sf_grouped *sf_grouped_as(sf_grouped *grouped, const sf_serde *key, const sf_serde *value);

/* The same groups, per window. Keys of the results are sf_windowed. */
sf_grouped *sf_grouped_windowed(sf_grouped *grouped, sf_window window);

/* Sliding, session and unlimited windows in the same way. */
sf_grouped *sf_grouped_sliding(sf_grouped *grouped, sf_sliding_window window);
sf_grouped *sf_grouped_sessions(sf_grouped *grouped, sf_session_window window);
sf_grouped *sf_grouped_unlimited(sf_grouped *grouped, sf_unlimited_window window);

/* The same windows, with results on update (as without this call) or on close; not for unlimited
 * ones. */
sf_grouped *sf_grouped_emit(sf_grouped *windowed, sf_emit emit);

/* How an aggregate is made; user is borrowed and outlives the topology. */
typedef struct sf_aggregation {
    sf_aggregate_fn add;
    sf_merge_fn merge; /* session windows only, mandatory there */
    void *user;
    sf_bytes
        initial; /* what a new group begins with, in flight, copied; null: *aggregate is null */
} sf_aggregation;

/* Numbers of records, int64 in flight. */
sf_table *sf_grouped_count(sf_grouped *grouped, const char *store);
sf_table *sf_grouped_count_with(sf_grouped *grouped, const sf_materialized *materialized);

/* add is called from the second value on, with the value so far; the first is taken as it is. Over
 * session windows it merges too: record then holds the other session's value, and its key. */
sf_table *sf_grouped_reduce(sf_grouped *grouped, sf_aggregate_fn add, void *user,
                            const sf_materialized *materialized);

/* What add makes of the records, from aggregation->initial on. A null aggregate deletes the entry. */
sf_table *sf_grouped_aggregate(sf_grouped *grouped, const sf_aggregation *aggregation,
                               const sf_materialized *materialized);

#ifdef __cplusplus
}
#endif

#endif
