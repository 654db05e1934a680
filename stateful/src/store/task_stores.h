/* task_stores.h - the stores of one task, as the task drives them: a savepoint a record, a flush a
 * commit, restore from changelogs. Stream thread only.
 *
 *   mark ... put ... [undo]      a record's changes can be taken back
 *   forward                      caching stores hand their newest values downstream
 *   flush                        all changes go to the changelog listener and into the batch
 *   committed | abort            after the batch was written | when the transaction failed
 */
#ifndef SF_STORE_TASK_STORES_H
#define SF_STORE_TASK_STORES_H

#include <stateful/key_value_store.h>
#include <stateful/record.h>
#include <stateful/session_store.h>
#include <stateful/store.h>
#include <stateful/versioned_store.h>
#include <stateful/window_store.h>

#include "record/record_batch.h"
#include "store/bulk_load.h"
#include "store/read_cache.h"
#include "store/state.h"

typedef struct sf_task_stores sf_task_stores;

/* A change as the changelog carries it: the value has its timestamp inside (8 bytes big-endian
 * before it), null deletes. Of a versioned store: a version; see buffered_store.h. Borrowed for the
 * call. */
typedef sf_status (*sf_store_changed_fn)(void *user, size_t store, sf_bytes key, sf_bytes value,
                                         int64_t timestamp, sf_error *err);

/* A cached change on its way downstream: before is what was last handed downstream. */
typedef sf_status (*sf_store_forward_fn)(void *user, sf_bytes key, sf_stored now, sf_stored before,
                                         sf_error *err);

/* Opens the stores in topological order; options are copied. */
sf_status sf_task_stores_open(sf_state *state, int32_t partition, const sf_store_options *options,
                              size_t count, sf_store_changed_fn changed, void *user,
                              sf_task_stores **stores, sf_error *err);
void sf_task_stores_close(sf_task_stores *stores);

size_t sf_task_stores_count(const sf_task_stores *stores);
sf_store *sf_task_stores_at(const sf_task_stores *stores, size_t index);
sf_store *sf_task_stores_find(const sf_task_stores *stores, const char *name); /* or NULL */

/* The store as its kind, or NULL if it is of another. */
sf_key_value_store *sf_store_as_key_value(sf_store *store);
sf_window_store *sf_store_as_window(sf_store *store);
sf_session_store *sf_store_as_session(sf_store *store);
sf_versioned_store *sf_store_as_versioned(sf_store *store);

/* From now on the store's changes wait for _forward (the record cache of Kafka Streams). For a window
 * or session store the key is the changelog's: see window_key.h and session_key.h. Not for versioned
 * stores. */
void sf_store_set_forward(sf_store *store, sf_store_forward_fn forward, void *user);

/* Whether gets give what was last handed downstream, be it on the way at this moment, instead of the
 * newest, which may still be held back. Not for versioned stores, which hold nothing back. */
void sf_store_show_sent(sf_store *store, bool shows_sent);

/* Cached changes put from now on go downstream with these headers; borrowed until the next call. */
void sf_store_set_headers(sf_store *store, sf_headers headers);

/* Within a sf_store_forward_fn: the headers of what is handed over, those of its last put. Valid until
 * it returns. */
sf_headers sf_store_forwarded_headers(const sf_store *store);

void sf_task_stores_mark(sf_task_stores *stores);
void sf_task_stores_undo(sf_task_stores *stores);

/* Store by store in topological order, keys in the order of their last write; nothing for null over
 * null. Forwarding may put into later stores. */
sf_status sf_task_stores_forward(sf_task_stores *stores, sf_error *err);

/* Keys in byte order, once each. */
sf_status sf_task_stores_flush(sf_task_stores *stores, sf_state_commit *commit, sf_error *err);
void sf_task_stores_committed(sf_task_stores *stores);
void sf_task_stores_abort(sf_task_stores *stores);

/* Bytes of changes not yet written, keys and values and what holds them. */
size_t sf_task_stores_dirty_bytes(const sf_task_stores *stores);

/* Key and value of a change may be so large, for a changelog to take it; a larger
 * one is refused when it is put. 0: any size. */
void sf_task_stores_set_logged_max(sf_task_stores *stores, size_t bytes);

/* Bytes the clean part of the buffers (the read cache) may take, all stores together. */
void sf_task_stores_set_cache_bytes(sf_task_stores *stores, size_t bytes);

/* Instead, one cache for all tasks of a thread; it outlives the stores. */
void sf_task_stores_share_cache(sf_task_stores *stores, sf_read_cache *cache);

/* The stream time that all but key-value stores observe, -1: none. The database has it too, as of its
 * last batch; more may come back from the task's times. */
int64_t sf_store_observed_time(const sf_store *store);
void sf_store_set_observed_time(sf_store *store, int64_t stream_time_ms);

/* Records of the store's changelog, in order, straight into the batch; nothing is logged or
 * forwarded, observed times grow. */
sf_status sf_task_stores_restore(sf_task_stores *stores, size_t index,
                                 const sf_consumed_record *records, size_t count,
                                 sf_state_commit *commit, sf_error *err);

/* Whether a store's rows can be loaded: those of a versioned store depend on what is there already, and
 * in memory there is nothing to gain. */
bool sf_task_stores_can_load(const sf_task_stores *stores, size_t index);

/* The same records' rows into a load of the database on disk. */
sf_status sf_task_stores_load(sf_task_stores *stores, size_t index,
                              const sf_consumed_record *records, size_t count, sf_bulk_load *load,
                              sf_error *err);

/* Puts the observed time into the batch, after rows that were loaded. */
sf_status sf_task_stores_loaded(sf_task_stores *stores, size_t index, sf_state_commit *commit,
                                sf_error *err);

/* Puts the removal of all that the store holds for this partition, position included, into the
 * batch. */
sf_status sf_task_stores_clear(sf_task_stores *stores, size_t index, sf_state_commit *commit,
                               sf_error *err);

/* Makes the stores readable for queries, or no longer: see registry.h. Any other thread may read
 * committed state from then on. */
void sf_task_stores_publish(sf_task_stores *stores);
void sf_task_stores_unpublish(sf_task_stores *stores);

#endif
