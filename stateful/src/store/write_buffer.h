/* write_buffer.h - the newest values of a store's keys, between the processors and the database.
 *
 * The hot path: a get or a put of a key that is here is one hash probe, without an allocation. Dirty
 * entries wait for a commit, clean ones (and keys known not to exist) are the read cache.
 *
 *   put -> dirty -- flush --> in flight -- committed --> clean -- evict -->
 *             ^----- put -------'                          |
 *             ^----------------- put ----------------------'
 *
 *   1 What is not here is on disk as it is; what is dirty or in flight hides the disk.
 *   2 Only clean entries are evicted: a commit in flight needs nothing of its own, the thread may go
 *     on while it is written.
 *   3 An abort forgets dirty entries and those in flight: a commit in flight is brought to its end
 *     first, _committed or not.
 *
 * Keys are without their partition, which the buffer puts before them. Stream thread only.
 */
#ifndef SF_STORE_WRITE_BUFFER_H
#define SF_STORE_WRITE_BUFFER_H

#include <stateful/record.h>
#include <stateful/store.h>

#include "store/range.h"
#include "store/read_cache.h"
#include "store/state_db.h"

typedef struct sf_write_buffer sf_write_buffer;

/* What the buffers of a task share. */
typedef struct sf_buffer_pool {
    uint64_t savepoint;      /* the current one; counts from 1 */
    size_t dirty_bytes;      /* dirty and in flight */
    size_t logged_max_bytes; /* key and value of what a changelog gets; 0: any size */
    sf_read_cache own_cache;
    sf_read_cache *cache; /* its own, or one that several tasks share */
} sf_buffer_pool;

/* With a cache of its own, of that size. */
void sf_buffer_pool_init(sf_buffer_pool *pool, size_t cache_bytes);

/* From now on its clean entries count for a cache that several pools share; it outlives them. */
void sf_buffer_pool_join(sf_buffer_pool *pool, sf_read_cache *cache);

/* A new savepoint; evicts what is too much. */
void sf_buffer_pool_mark(sf_buffer_pool *pool);

typedef struct sf_write_buffer_options {
    sf_buffer_pool *pool; /* outlives the buffer */
    sf_state_db *db;
    sf_state_family
        *family; /* NULL: a log; what is put is flushed to the listener and forgotten, there
                                are no gets and ranges */
    int32_t partition;
    const char *store; /* for errors; outlives the buffer */
    bool is_logged;    /* what is put goes to a changelog */
} sf_write_buffer_options;

sf_write_buffer *sf_write_buffer_new(const sf_write_buffer_options *options);
void sf_write_buffer_free(sf_write_buffer *buffer);

/* *stored is valid until the next call or mark. */
sf_status sf_write_buffer_get(sf_write_buffer *buffer, sf_bytes key, sf_stored *stored,
                              sf_error *err);

/* Copies; a null value deletes. SF_REJECT: it is larger than its changelog takes. */
sf_status sf_write_buffer_put(sf_write_buffer *buffer, sf_bytes key, sf_bytes value,
                              int64_t timestamp, sf_error *err);

/* Buffer and disk as they are now; bounds without the partition, null: none. From then on the dirty
 * entries are kept in order. */
sf_range *sf_write_buffer_range(sf_write_buffer *buffer, sf_bytes from, sf_bytes to,
                                bool backwards);

/* Of a buffer of windows: from now on the database is not asked for rows that surely are not there. time_at:
 * where the begin of the window is in a key, see expiry.h; newest_ms as for sf_window_filter_begin. It ends
 * with _clear. */
void sf_write_buffer_begin_filter(sf_write_buffer *buffer, int time_at, int64_t newest_ms);
void sf_write_buffer_end_filter(sf_write_buffer *buffer);
bool sf_write_buffer_has_filter(const sf_write_buffer *buffer);

/* From now on the value that was last handed downstream is kept for _forward. */
void sf_write_buffer_set_forwards(sf_write_buffer *buffer);

/* With forwards: what is put from now on goes downstream with these headers; borrowed until the next
 * call. */
void sf_write_buffer_set_headers(sf_write_buffer *buffer, sf_headers headers);

/* While _forward hands something over: its headers. */
sf_headers sf_write_buffer_forwarded_headers(const sf_write_buffer *buffer);

/* With forwards: whether gets give what was last handed downstream, instead of the newest. */
void sf_write_buffer_show_sent(sf_write_buffer *buffer, bool shows_sent);

/* Takes back all puts since the last mark. */
void sf_write_buffer_undo(sf_write_buffer *buffer);

typedef sf_status (*sf_buffer_forward_fn)(void *user, sf_bytes key, sf_stored now, sf_stored before,
                                          sf_error *err);

/* Hands over what was not yet, in the order of the last write; nothing for null over null. */
sf_status sf_write_buffer_forward(sf_write_buffer *buffer, sf_buffer_forward_fn forward, void *user,
                                  sf_error *err);

/* value: with its timestamp before it, or null. */
typedef sf_status (*sf_buffer_flush_fn)(void *user, sf_bytes key, sf_bytes value, int64_t timestamp,
                                        sf_error *err);

/* Dirty entries go into the batch and to the listener (may be NULL), keys in order. */
sf_status sf_write_buffer_flush(sf_write_buffer *buffer, sf_state_batch *batch,
                                sf_buffer_flush_fn flushed, void *user, sf_error *err);

/* What is in flight is on disk. */
void sf_write_buffer_committed(sf_write_buffer *buffer);

/* Forgets what is dirty or in flight. */
void sf_write_buffer_abort(sf_write_buffer *buffer);

/* Forgets everything: the disk was changed from elsewhere. */
void sf_write_buffer_clear(sf_write_buffer *buffer);

/* The key as on disk; valid until the next call. */
sf_bytes sf_write_buffer_full_key(sf_write_buffer *buffer, sf_bytes key);

#endif
