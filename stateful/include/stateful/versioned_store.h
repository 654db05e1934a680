/* versioned_store.h - all values a key had during the history, each from its timestamp to the next one's
 * (KIP-889, KIP-914). Rules for threads, lifetimes and commits are those of key_value_store.h.
 */
#ifndef STATEFUL_VERSIONED_STORE_H
#define STATEFUL_VERSIONED_STORE_H

#include <stateful/error.h>
#include <stateful/store.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sf_versioned_store sf_versioned_store;
typedef struct sf_versioned_iterator sf_versioned_iterator;

#define SF_VERSION_NOW INT64_C(-1)   /* valid until further notice */
#define SF_VERSION_NOT_PUT INT64_MIN /* older than the history, left out */

/* A version from timestamp on; a null value is a version too: from then on there is none. *valid_to
 * (may be NULL) = the timestamp of the next version, SF_VERSION_NOW or SF_VERSION_NOT_PUT. */
sf_status sf_versioned_store_put(sf_versioned_store *store, sf_bytes key, sf_bytes value,
                                 int64_t timestamp, int64_t *valid_to, sf_error *err);

/* A tombstone; *stored (may be NULL) = what was valid then. */
sf_status sf_versioned_store_delete(sf_versioned_store *store, sf_bytes key, int64_t timestamp,
                                    sf_stored *stored, sf_error *err);

/* The newest version, however old. *stored is valid until the next call on this store. */
sf_status sf_versioned_store_get(sf_versioned_store *store, sf_bytes key, sf_stored *stored,
                                 sf_error *err);

/* The version that was valid at that time; none if that is before the history. */
sf_status sf_versioned_store_get_as_of(sf_versioned_store *store, sf_bytes key, int64_t timestamp,
                                       sf_stored *stored, sf_error *err);

/* The versions valid at some time within from_ms <= time <= to_ms, newest first or oldest first; null
 * ones are left out. */
sf_status sf_versioned_store_versions(sf_versioned_store *store, sf_bytes key, int64_t from_ms,
                                      int64_t to_ms, bool oldest_first,
                                      sf_versioned_iterator **iterator, sf_error *err);
bool sf_versioned_iterator_next(sf_versioned_iterator *iterator, sf_stored *stored,
                                int64_t *valid_to, sf_status *status, sf_error *err);
void sf_versioned_iterator_free(sf_versioned_iterator *iterator);

#ifdef __cplusplus
}
#endif

#endif
