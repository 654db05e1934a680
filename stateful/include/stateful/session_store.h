/* session_store.h - a value for each key and session, from the session's first to its last record, both
 * inclusive. Rules for threads, lifetimes and commits are those of key_value_store.h; reads leave
 * out what the store's observed stream time (the latest end that was put) has expired.
 */
#ifndef STATEFUL_SESSION_STORE_H
#define STATEFUL_SESSION_STORE_H

#include <stateful/error.h>
#include <stateful/store.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sf_session_store sf_session_store;
typedef struct sf_session_iterator sf_session_iterator;

/* A key and its session, in ms. */
typedef struct sf_session {
    sf_bytes key;
    int64_t start_ms;
    int64_t end_ms;
} sf_session;

/* *stored is valid until the next call on this store. */
sf_status sf_session_store_get(sf_session_store *store, const sf_session *session,
                               sf_stored *stored, sf_error *err);

/* A null value removes; the timestamp of what is stored is the session's end. *expired (may be NULL) =
 * as in window_store.h, by the end. Advances the observed stream time to the session's end. */
sf_status sf_session_store_put(sf_session_store *store, const sf_session *session, sf_bytes value,
                               bool *expired, sf_error *err);

/* Sessions of a key that end at earliest_end_ms or later and start at latest_start_ms or earlier, by
 * end, then start. */
sf_status sf_session_store_find(sf_session_store *store, sf_bytes key, int64_t earliest_end_ms,
                                int64_t latest_start_ms, sf_session_iterator **iterator,
                                sf_error *err);

/* Sessions of all keys that end within from_ms <= end <= to_ms, by end, then start, then key. On disk
 * it shows what lies in the segments (half the retention, at least a minute) that are not expired as a
 * whole, as the reference does: what closes in a jump of stream time is found. Without by_time or
 * time_index all sessions are read for it. */
sf_status sf_session_store_find_ended(sf_session_store *store, int64_t from_ms, int64_t to_ms,
                                      sf_session_iterator **iterator, sf_error *err);

/* false at the end, or on an error (then *status is set; status may not be NULL). session and stored are
 * valid until the next step. Free the iterator before the processor returns; NULL is fine. */
bool sf_session_iterator_next(sf_session_iterator *iterator, sf_session *session, sf_stored *stored,
                              sf_status *status, sf_error *err);
void sf_session_iterator_free(sf_session_iterator *iterator);

#ifdef __cplusplus
}
#endif

#endif
