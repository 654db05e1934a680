/* meta.h - what the state remembers of its past, written in the same batch as the state itself:
 * input positions, changelog positions, times, the wall time of the last batch, the incarnation.
 *
 * The position of a store's changelog and its observed time lie in the database that holds the store. -1 or an empty text
 * says that nothing is known. Any thread.
 */
#ifndef SF_STORE_META_H
#define SF_STORE_META_H

#include "base/buffer.h"
#include "store/state_db.h"

typedef enum sf_meta_kind {
    SF_META_INPUT = 'i',     /* name: topic */
    SF_META_CHANGELOG = 'c', /* name: store */
    SF_META_OBSERVED = 'o',  /* name: store; the number is a stream time, ms */
    SF_META_WRITTEN = 'w',   /* name: identity of the sub-topology; the number is wall time, ms */
} sf_meta_kind;

sf_status sf_meta_get(sf_state_db *db, sf_meta_kind kind, const char *name, int32_t partition,
                      int64_t *number, sf_error *err);
sf_status sf_meta_put(sf_state_db *db, sf_state_batch *batch, sf_meta_kind kind, const char *name,
                      int32_t partition, int64_t number, sf_error *err);
sf_status sf_meta_delete(sf_state_db *db, sf_state_batch *batch, sf_meta_kind kind,
                         const char *name, int32_t partition, sf_error *err);

/* Calls fn for all numbers of a kind, by name and partition. */
typedef void (*sf_meta_fn)(void *user, const char *name, int32_t partition, int64_t number);
sf_status sf_meta_visit(sf_state_db *db, sf_meta_kind kind, sf_meta_fn fn, void *user,
                        sf_error *err);

/* The times of a task, as the text that committed offsets carry too (task/task_times.h). */
sf_status sf_meta_get_times(sf_state_db *db, const char *identity, int32_t partition,
                            sf_buffer *text, sf_error *err);
sf_status sf_meta_put_times(sf_state_db *db, sf_state_batch *batch, const char *identity,
                            int32_t partition, const char *text, sf_error *err);

/* The incarnation (DESIGN A2): drawn when the application's internal topics were made. 0: none. */
sf_status sf_meta_get_incarnation(sf_state_db *db, uint64_t *incarnation, sf_error *err);
sf_status sf_meta_put_incarnation(sf_state_db *db, sf_state_batch *batch, uint64_t incarnation,
                                  sf_error *err);

#endif
