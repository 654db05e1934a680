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

/* By what the store is looked up. */
sf_store_kind sf_view_kind(const sf_view *view);

/* The value of a key; stored->value is null if there is none, else it lies in the arena. Looks where
 * the key's hash says, then in the other partitions that are there (a processor may keep other keys
 * than those its records are partitioned by). */
sf_status sf_view_get(sf_view *view, sf_bytes key, sf_arena *arena, sf_stored *stored,
                      sf_error *err);

/* The same for values of sf_int64_serde; *known (may be NULL) = false and *number = 0 if there is
 * none. SF_BAD_DATA for a value of another size. */
sf_status sf_view_get_int64(sf_view *view, sf_bytes key, int64_t *number, bool *known,
                            sf_error *err);

/* Of a window store: the value of a key for the window that begins at start_ms. */
sf_status sf_view_get_window(sf_view *view, sf_bytes key, int64_t start_ms, sf_arena *arena,
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

#ifdef __cplusplus
}
#endif

#endif
