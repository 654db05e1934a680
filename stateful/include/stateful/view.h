/* view.h - reads an application's stores from outside: committed state only, so that no answer is
 * ever taken back, and no lock shared with processing.
 *
 * A view belongs to a store by name and spans all its partitions. Any thread may read through it,
 * several at once. A read fails with SF_RETRY and code SF_CLOSED while partitions it needs are being
 * restored or moved, or when the application is not running; ask again.
 */
#ifndef STATEFUL_VIEW_H
#define STATEFUL_VIEW_H

#include <stateful/arena.h>
#include <stateful/session_store.h>
#include <stateful/store.h>
#include <stateful/streams.h>
#include <stateful/view_iterator.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sf_view sf_view;

/* Free it before the application. SF_NOT_FOUND if the topology has no store of that name. */
sf_status sf_streams_view(sf_streams *streams, const char *store, sf_view **view, sf_error *err);
void sf_view_free(sf_view *view); /* NULL is fine */

/* A view that reads these partitions alone, each named once, and fails with SF_RETRY unless this instance
 * holds all of them: with several instances each can be asked for what it has (see streams_metadata.h). */
sf_status sf_streams_view_partitions(sf_streams *streams, const char *store,
                                     const int32_t *partitions, size_t count, sf_view **view,
                                     sf_error *err);

/* By what the store is looked up. */
sf_store_kind sf_view_kind(const sf_view *view);

/* A mark of all that a view shows. Taken before a read, it belongs to what the read gave: as long as the view
 * has an equal one, the same read gives the same. It changes with each commit of the instance, also with
 * those that leave the store alone. */
typedef struct sf_view_version {
    uint64_t partitions;
    uint64_t changes;
    uint64_t times;
} sf_view_version;

/* SF_RETRY as a read of all that the view spans. */
sf_status sf_view_version_get(sf_view *view, sf_view_version *version, sf_error *err);
bool sf_view_version_equal(sf_view_version a, sf_view_version b);

/* The value of a key, the newest one in a versioned store; stored->value is null if there is none, else
 * it lies in the arena. Looks where the key's hash says; if that partition is not here, SF_RETRY. An
 * instance that holds all partitions then looks in the others too (a processor may keep other keys than
 * those its records are partitioned by). */
sf_status sf_view_get(sf_view *view, sf_bytes key, sf_arena *arena, sf_stored *stored,
                      sf_error *err);

/* The same where a store's keys are not those of the records that change them: looks in the partition of
 * record_key alone, so with several instances, too, a null value means that there is none. */
sf_status sf_view_get_of(sf_view *view, sf_bytes record_key, sf_bytes key, sf_arena *arena,
                         sf_stored *stored, sf_error *err);

/* The same as sf_view_get for values of sf_int64_serde; *known (may be NULL) = false and *number = 0 if there is
 * none. SF_BAD_DATA for a value of another size. */
sf_status sf_view_get_int64(sf_view *view, sf_bytes key, int64_t *number, bool *known,
                            sf_error *err);

/* Of a window store: the value of a key for the window that begins at start_ms. */
sf_status sf_view_get_window(sf_view *view, sf_bytes key, int64_t start_ms, sf_arena *arena,
                             sf_stored *stored, sf_error *err);

/* Of a session store: the value of exactly that session. */
sf_status sf_view_get_session(sf_view *view, const sf_session *session, sf_arena *arena,
                              sf_stored *stored, sf_error *err);

/* Of a versioned store: the value that was valid at that time, ms; none if that is before the history. */
sf_status sf_view_get_as_of(sf_view *view, sf_bytes key, int64_t timestamp, sf_arena *arena,
                            sf_stored *stored, sf_error *err);

/* Keys from <= key < to in byte order (null: no bound), or backwards, over all partitions, each as it
 * was at this call. */
sf_status sf_view_range(sf_view *view, sf_bytes from, sf_bytes to, bool backwards,
                        sf_view_iterator **iterator, sf_error *err);

/* Windows of one key with from_ms <= start <= to_ms, by start. */
sf_status sf_view_fetch(sf_view *view, sf_bytes key, int64_t from_ms, int64_t to_ms,
                        sf_view_iterator **iterator, sf_error *err);

/* Windows of all keys with from_ms <= start <= to_ms, by start, then key. */
sf_status sf_view_fetch_all(sf_view *view, int64_t from_ms, int64_t to_ms,
                            sf_view_iterator **iterator, sf_error *err);

/* Sessions of one key that end at earliest_end_ms or later and start at latest_start_ms or earlier, by
 * end, then start. */
sf_status sf_view_find_sessions(sf_view *view, sf_bytes key, int64_t earliest_end_ms,
                                int64_t latest_start_ms, sf_view_iterator **iterator,
                                sf_error *err);

/* Sessions of all keys with from_ms <= end <= to_ms, by end, then start, then key. */
sf_status sf_view_find_sessions_ended(sf_view *view, int64_t from_ms, int64_t to_ms,
                                      sf_view_iterator **iterator, sf_error *err);

/* Versions of one key that were valid at some time within from_ms <= time <= to_ms, newest first or
 * oldest first; deletions are left out. */
sf_status sf_view_versions(sf_view *view, sf_bytes key, int64_t from_ms, int64_t to_ms,
                           bool oldest_first, sf_view_iterator **iterator, sf_error *err);

#ifdef __cplusplus
}
#endif

#endif
