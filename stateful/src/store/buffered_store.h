/* buffered_store.h - a store from inside: its buffers, its families, its observed time. The kinds of
 * stores are this with their own functions; what they keep where is in store_layout.h. Stream thread
 * only.
 *
 * Of a versioned store the changelog gets what was put, not rows: its log gathers that by key and
 * timestamp, and is written nowhere else. There a null has the timestamp of its record; at the time 0,
 * which Kafka's clients do not keep, it is a value of one byte.
 */
#ifndef SF_STORE_BUFFERED_STORE_H
#define SF_STORE_BUFFERED_STORE_H

#include "base/buffer.h"
#include "store/expiry.h"
#include "store/row_source.h"
#include "store/store_implementation.h"
#include "store/write_buffer.h"

typedef struct sf_store_place {
    sf_buffer_pool *pool; /* outlives the store */
    sf_state_db *db;
    sf_state_family *family;
    sf_state_family *side_family; /* NULL: none */
    int32_t partition;
    sf_expiry *expiry; /* all but key-value stores; outlives the store */
} sf_store_place;

typedef struct sf_buffered_store {
    sf_store base;
    sf_store_place place;
    sf_write_buffer *buffer;
    sf_write_buffer *side;        /* NULL: no side family */
    sf_write_buffer *log;         /* versioned stores that are logged */
    sf_buffer_forward_fn forward; /* NULL: nothing is held back */
    void *forward_user;
    sf_retention retention;

    /* The stream time, and what it was at the savepoint and at the last commit; -1: none. */
    int64_t observed;
    int64_t observed_before;
    uint64_t observed_savepoint;
    int64_t observed_flushed;
    int64_t observed_written;   /* into the last batch */
    int64_t observed_committed; /* the database has it too: no row is of a later time */

    sf_buffer key; /* scratch: a key as kept or logged */
} sf_buffered_store;

/* The kinds are what the public headers call them. */
struct sf_key_value_store {
    sf_buffered_store base;
};

struct sf_window_store {
    sf_buffered_store base;
};

struct sf_session_store {
    sf_buffered_store base;
};

struct sf_versioned_store {
    sf_buffered_store base;
    sf_buffer row;     /* scratch: a version as a row */
    sf_buffer found;   /* a version beside what is put */
    sf_buffer answer;  /* what a get has found among those that are over */
    sf_buffer deleted; /* what a delete has found */
};

sf_status sf_buffered_store_open(const sf_store_options *options, const sf_store_place *place,
                                 sf_buffered_store **store, sf_error *err);
void sf_buffered_store_close(sf_buffered_store *store);

void sf_buffered_store_set_forwarding(sf_buffered_store *store, sf_buffer_forward_fn forward,
                                      void *user);

/* Back to none. */
void sf_buffered_store_forget_time(sf_buffered_store *store);

/* Tells readers and the database's compaction what is committed. Not while the store is restored: the
 * changelog has changes by key within a commit, and a late one may need rows that have expired by an
 * early one. */
void sf_buffered_store_publish_time(const sf_buffered_store *store);

/* Advances the observed stream time to one that is committed already. */
void sf_buffered_store_observe_committed(sf_buffered_store *store, int64_t stream_time_ms);

/* Advances the observed stream time, in a way that can be undone. */
void sf_buffered_store_observe(sf_buffered_store *store, int64_t stream_time_ms);

/* As in retention.h, by the observed stream time. */
int64_t sf_buffered_store_first_shown(const sf_buffered_store *store);
int64_t sf_buffered_store_first_kept(const sf_buffered_store *store);
bool sf_buffered_store_has_expired(const sf_buffered_store *store, int64_t time_ms);

/* Its rows, as they are now. */
sf_row_source sf_buffered_store_rows(sf_buffered_store *store);

/* The steps of task_stores.h for one store. Keys that leave are those of the changelog. */
void sf_buffered_store_undo(sf_buffered_store *store);
sf_status sf_buffered_store_forward(sf_buffered_store *store, sf_error *err);
sf_status sf_buffered_store_flush(sf_buffered_store *store, sf_state_batch *batch,
                                  sf_buffer_flush_fn changed, void *user, sf_error *err);
void sf_buffered_store_committed(sf_buffered_store *store);
void sf_buffered_store_abort(sf_buffered_store *store);

/* Puts the observed time into the batch, if it is news to the database. */
sf_status sf_buffered_store_write_time(sf_buffered_store *store, sf_state_batch *batch,
                                       sf_error *err);

/* A change from the changelog of any but a versioned store, straight into the batch. value: with its timestamp, or null. */
sf_status sf_buffered_store_restore(sf_buffered_store *store, sf_bytes logged_key, sf_bytes value,
                                    sf_state_batch *batch, sf_error *err);

/* Removes all there is of the partition. */
sf_status sf_buffered_store_clear(sf_buffered_store *store, sf_state_batch *batch, sf_error *err);

#endif
