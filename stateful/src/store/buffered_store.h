/* buffered_store.h - a store from inside: its buffer, its family, its observed time. The kinds of stores
 * are this with their own functions. Stream thread only. */
#ifndef SF_STORE_BUFFERED_STORE_H
#define SF_STORE_BUFFERED_STORE_H

#include "base/buffer.h"
#include "store/expiry.h"
#include "store/store_implementation.h"
#include "store/write_buffer.h"

typedef struct sf_store_place {
    sf_buffer_pool *pool; /* outlives the store */
    sf_state_db *db;
    sf_state_family *family;
    int32_t partition;
    sf_expiry *expiry; /* window stores; outlives the store */
} sf_store_place;

typedef struct sf_buffered_store {
    sf_store base;
    sf_store_place place;
    sf_write_buffer *buffer;
    sf_buffer_forward_fn forward; /* NULL: nothing is held back */
    void *forward_user;

    /* Window stores: the stream time, and what it was at the savepoint and at the last commit. */
    int64_t observed;
    int64_t observed_before;
    uint64_t observed_savepoint;
    int64_t observed_flushed;
    int64_t observed_committed;

    sf_buffer key; /* scratch: the key of a window */
} sf_buffered_store;

/* The two kinds are what the public headers call them. */
struct sf_key_value_store {
    sf_buffered_store base;
};

struct sf_window_store {
    sf_buffered_store base;
};

/* The family that holds the stores of that name. Give back with free(). */
char *sf_store_family_name(const char *store);

sf_buffered_store *sf_buffered_store_new(const sf_store_options *options,
                                         const sf_store_place *place);
void sf_buffered_store_free(sf_buffered_store *store);

void sf_buffered_store_set_forwarding(sf_buffered_store *store, sf_buffer_forward_fn forward,
                                      void *user);

/* Advances the observed stream time to one that is committed already. */
void sf_buffered_store_observe_committed(sf_buffered_store *store, int64_t stream_time_ms);

/* Advances the observed stream time, in a way that can be undone. */
void sf_buffered_store_observe(sf_buffered_store *store, int64_t stream_time_ms);

/* The first window start that is still there. */
int64_t sf_buffered_store_first_start(const sf_buffered_store *store);

/* The steps of task_stores.h for one store. Keys that leave are those of the changelog. */
void sf_buffered_store_undo(sf_buffered_store *store);
sf_status sf_buffered_store_forward(sf_buffered_store *store, sf_error *err);
sf_status sf_buffered_store_flush(sf_buffered_store *store, sf_state_batch *batch,
                                  sf_buffer_flush_fn changed, void *user, sf_error *err);
void sf_buffered_store_committed(sf_buffered_store *store);
void sf_buffered_store_abort(sf_buffered_store *store);

/* A change from the changelog, straight into the batch. value: with its timestamp, or null. */
sf_status sf_buffered_store_restore(sf_buffered_store *store, sf_bytes logged_key, sf_bytes value,
                                    sf_state_batch *batch, sf_error *err);

/* Removes all there is of the partition. */
void sf_buffered_store_clear(sf_buffered_store *store, sf_state_batch *batch);

#endif
