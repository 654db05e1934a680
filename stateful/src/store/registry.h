/* registry.h - the one place where threads meet: which stores of which partitions may be read.
 *
 * A stream thread publishes a task's stores once they are restored and withdraws them before it lets
 * the task go; readers take a counted reference, so that a database is closed by its last reader.
 * Readers see committed state only. Any thread.
 */
#ifndef SF_STORE_REGISTRY_H
#define SF_STORE_REGISTRY_H

#include <stateful/key_value_store.h>
#include <stateful/session_store.h>
#include <stateful/versioned_store.h>
#include <stateful/window_store.h>

#include "store/state.h"

/* A published partition of a store; hold it while reading. */
typedef struct sf_published sf_published;

/* All published partitions of the store by that name, ordered by partition; an array to be given to
 * _release. *count = 0 if there are none now. */
sf_published **sf_registry_acquire(sf_state *state, const char *store, size_t *count);
void sf_registry_release(sf_published **published, size_t count);

/* Releases all but those of the wanted partitions; *count = how many of them are there. */
void sf_registry_keep(sf_published **published, size_t *count, const int32_t *wanted,
                      size_t wanted_count);

int32_t sf_published_partition(const sf_published *published);
sf_store_kind sf_published_kind(const sf_published *published);

/* As long as all of it stays, reads of the partition give what they gave: each number but grows. */
typedef struct sf_published_version {
    uint64_t number;  /* of the publication */
    uint64_t changes; /* of the database */
    int64_t time_ms;  /* by which entries expire */
} sf_published_version;

sf_published_version sf_published_version_of(const sf_published *published);

/* Reads committed state. *stored is valid until the pin is released. Of a versioned store _get finds the
 * newest version. */
sf_status sf_published_get(sf_published *published, sf_bytes key, sf_stored *stored,
                           sf_state_pin *pin, sf_error *err);
sf_status sf_published_get_window(sf_published *published, sf_bytes key, int64_t start_ms,
                                  sf_stored *stored, sf_state_pin *pin, sf_error *err);
sf_status sf_published_get_session(sf_published *published, const sf_session *session,
                                   sf_stored *stored, sf_state_pin *pin, sf_error *err);
sf_status sf_published_get_as_of(sf_published *published, sf_bytes key, int64_t timestamp,
                                 sf_stored *stored, sf_state_pin *pin, sf_error *err);

/* An iterator over a snapshot of one partition; the public iterators of the kinds. */
sf_status sf_published_range(sf_published *published, sf_bytes from, sf_bytes to, bool backwards,
                             sf_key_value_iterator **iterator, sf_error *err);
sf_status sf_published_fetch(sf_published *published, sf_bytes key, int64_t from_ms, int64_t to_ms,
                             sf_window_iterator **iterator, sf_error *err);
sf_status sf_published_fetch_all(sf_published *published, int64_t from_ms, int64_t to_ms,
                                 sf_window_iterator **iterator, sf_error *err);

/* As in session_store.h. */
sf_status sf_published_find(sf_published *published, sf_bytes key, int64_t earliest_end_ms,
                            int64_t latest_start_ms, sf_session_iterator **iterator, sf_error *err);
sf_status sf_published_find_ended(sf_published *published, int64_t from_ms, int64_t to_ms,
                                  sf_session_iterator **iterator, sf_error *err);

/* As in versioned_store.h. */
sf_status sf_published_versions(sf_published *published, sf_bytes key, int64_t from_ms,
                                int64_t to_ms, bool oldest_first, sf_versioned_iterator **iterator,
                                sf_error *err);

#endif
