/* key_value_store.h - the newest value of each key, with its timestamp.
 *
 * Keys and values are serialized bytes. A task's stores belong to its stream thread: call these
 * only from a processor. What is put counts once the task commits; reads see it at once.
 */
#ifndef STATEFUL_KEY_VALUE_STORE_H
#define STATEFUL_KEY_VALUE_STORE_H

#include <stateful/error.h>
#include <stateful/store.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sf_key_value_store sf_key_value_store;
typedef struct sf_key_value_iterator sf_key_value_iterator;

/* *stored is valid until the next call on this store. A key that is not there is no error. */
sf_status sf_key_value_store_get(sf_key_value_store *store, sf_bytes key, sf_stored *stored,
                                 sf_error *err);

/* Copies key and value; a null value deletes. */
sf_status sf_key_value_store_put(sf_key_value_store *store, sf_bytes key, sf_bytes value,
                                 int64_t timestamp, sf_error *err);

/* Keys from <= key < to in byte order (null: no bound), or backwards. The iterator shows the store
 * as it is now, whatever is put meanwhile; free it before the processor returns. */
sf_status sf_key_value_store_range(sf_key_value_store *store, sf_bytes from, sf_bytes to,
                                   bool backwards, sf_key_value_iterator **iterator, sf_error *err);

/* All keys that begin with prefix. */
sf_status sf_key_value_store_prefix(sf_key_value_store *store, sf_bytes prefix,
                                    sf_key_value_iterator **iterator, sf_error *err);

/* false at the end, or on an error (then *status is set; status may not be NULL). key and stored
 * are valid until the next step. */
bool sf_key_value_iterator_next(sf_key_value_iterator *iterator, sf_bytes *key, sf_stored *stored,
                                sf_status *status, sf_error *err);
void sf_key_value_iterator_free(sf_key_value_iterator *iterator);

#ifdef __cplusplus
}
#endif

#endif
