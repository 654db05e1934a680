/* unmatched.h - records of a left or outer join that have met nothing yet, until their window and grace
 * are over.
 *
 * 1 They lie in a key-value store by time, side and key; those of one time, side and key are one row, a
 *   list in the order they came.
 * 2 The nodes of both sides share it: the stream time of the join, the earliest time that waits and the
 *   throttle are times of the task under the store's name.
 * 3 A row's window is over once time + after (left; right: + before) + grace < stream time.
 * 4 Rows are looked for while a record is processed whose time is the stream time, and only if the
 *   earliest of them would be over by the bound of that record's side: with an asymmetric window rows
 *   of the other side may wait a little longer.
 */
#ifndef SF_DSL_OPERATORS_UNMATCHED_H
#define SF_DSL_OPERATORS_UNMATCHED_H

#include "dsl/operators/stream_side.h"

typedef struct sf_unmatched {
    const sf_stream_join_plan *plan;
    sf_context *context;
    sf_key_value_store *rows;
    int64_t *seen;         /* the stream time of the join */
    int64_t *earliest;     /* that may wait, -1: nothing does */
    int64_t *next_look_ms; /* wall clock */
} sf_unmatched;

sf_status sf_unmatched_init(sf_unmatched *unmatched, const sf_stream_join_plan *plan,
                            sf_context *context, sf_error *err);

/* A record has come, of whatever kind. */
void sf_unmatched_observe(sf_unmatched *unmatched, int64_t timestamp);

/* A record waits; key and value as the stores of its side have them. */
sf_status sf_unmatched_add(sf_unmatched *unmatched, int side, sf_bytes key, sf_bytes value,
                           int64_t timestamp, sf_error *err);

/* All of that time and key have been met. */
sf_status sf_unmatched_remove(sf_unmatched *unmatched, int side, sf_bytes key, int64_t timestamp,
                              sf_error *err);

/* Hands on what is over, by time, the right side first, then by key; trigger, a record of that side, lends
 * its headers. */
sf_status sf_unmatched_emit(sf_unmatched *unmatched, int side, const sf_record *trigger,
                            sf_error *err);

#endif
