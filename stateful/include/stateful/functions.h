/* functions.h - the functions that a program hands to the operators of streams and tables.
 *
 * Functions return SF_OK, or sf_reject(err, ...) to refuse the record (see sf_on_error), or another
 * status to stop. What they are given is borrowed for the call; what they give lives in the arena or
 * in what they were given.
 */
#ifndef STATEFUL_FUNCTIONS_H
#define STATEFUL_FUNCTIONS_H

#include <stateful/processor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Whether a record is meant. */
typedef bool (*sf_predicate_fn)(void *user, const sf_record *record);

/* *out is a copy of *in to begin with: set what is to differ. */
typedef sf_status (*sf_map_fn)(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                               sf_error *err);

/* Any number of sf_context_forward calls. */
typedef sf_status (*sf_flat_map_fn)(void *user, sf_context *context, const sf_record *in,
                                    sf_error *err);

/* Looks at a record, for what it does beside. */
typedef sf_status (*sf_visit_fn)(void *user, const sf_record *record, sf_error *err);

/* *result becomes the value that goes on; it is null to begin with. right is null if the other side
 * has nothing (left joins only). */
typedef sf_status (*sf_join_fn)(void *user, sf_arena *arena, const sf_record *left, sf_bytes right,
                                sf_bytes *result, sf_error *err);

/* One of the ways of sf_stream_split. */
typedef struct sf_branch {
    sf_predicate_fn predicate; /* NULL: takes all that is left */
    void *user;
} sf_branch;

/* *aggregate is what the group has come to so far, in flight, aligned, and may be changed in place or
 * replaced; null deletes the entry. */
typedef sf_status (*sf_aggregate_fn)(void *user, sf_arena *arena, const sf_record *record,
                                     sf_bytes *aggregate, sf_error *err);

/* Two sessions become one: *aggregate is what the merged one has come to so far, other what the next
 * session holds; both in flight, aligned. */
typedef sf_status (*sf_merge_fn)(void *user, sf_arena *arena, sf_bytes key, sf_bytes *aggregate,
                                 sf_bytes other, sf_error *err);

/* The topic of a record; the name lives as long as the record, NULL drops it. */
typedef const char *(*sf_topic_name_fn)(void *user, const sf_record *record);

#ifdef __cplusplus
}
#endif

#endif
