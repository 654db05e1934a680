/* window_store.h - a value for each key and window start, for as long as the retention says.
 *
 * Reads leave out windows that the store's observed stream time (the latest start that was put) has
 * expired. The same rules for threads, lifetimes and commits as in key_value_store.h.
 */
#ifndef STATEFUL_WINDOW_STORE_H
#define STATEFUL_WINDOW_STORE_H

#include <stateful/error.h>
#include <stateful/store.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sf_window_store sf_window_store;
typedef struct sf_window_iterator sf_window_iterator;

/* The value of a key for the window that begins at start_ms. *stored is valid until the next call on
 * this store. */
sf_status sf_window_store_get(sf_window_store *store, sf_bytes key, int64_t start_ms,
                              sf_stored *stored, sf_error *err);

/* A null value deletes. *expired (may be NULL) = the window is so old that the reference would not
 * have stored it: beyond the retention, on disk by a whole segment (half the retention, at least a
 * minute). Advances the observed stream time to start_ms. */
sf_status sf_window_store_put(sf_window_store *store, sf_bytes key, int64_t start_ms,
                              sf_bytes value, int64_t timestamp, bool *expired, sf_error *err);

/* Windows of one key with from_ms <= start <= to_ms, by start; duplicates in the order they were put.
 */
sf_status sf_window_store_fetch(sf_window_store *store, sf_bytes key, int64_t from_ms,
                                int64_t to_ms, sf_window_iterator **iterator, sf_error *err);

/* The same in the opposite order. */
sf_status sf_window_store_fetch_backwards(sf_window_store *store, sf_bytes key, int64_t from_ms,
                                          int64_t to_ms, sf_window_iterator **iterator,
                                          sf_error *err);

/* Windows of all keys with from_ms <= start <= to_ms, by start, then key. Without by_time or time_index
 * all windows are read for it. */
sf_status sf_window_store_fetch_all(sf_window_store *store, int64_t from_ms, int64_t to_ms,
                                    sf_window_iterator **iterator, sf_error *err);

/* false at the end, or on an error (then *status is set; status may not be NULL). What is given is valid
 * until the next step. Free the iterator before the processor returns; NULL is fine. */
bool sf_window_iterator_next(sf_window_iterator *iterator, sf_bytes *key, int64_t *start_ms,
                             sf_stored *stored, sf_status *status, sf_error *err);
void sf_window_iterator_free(sf_window_iterator *iterator);

#ifdef __cplusplus
}
#endif

#endif
