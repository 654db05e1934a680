/* kept_sessions.h - the rows of a table of sessions in its session store, and how their changes go on:
 * each at once, with caching the newest of each session at the commit, or not at all (results on
 * close). The timestamp of what goes on is the session's end.
 */
#ifndef SF_DSL_OPERATORS_KEPT_SESSIONS_H
#define SF_DSL_OPERATORS_KEPT_SESSIONS_H

#include <stateful/processor.h>
#include <stateful/serde.h>

#include "dsl/operators/change.h"

/* Constant; shared by all operators that write the store. */
typedef struct sf_kept_sessions_plan {
    const char *store;
    const sf_serde *key; /* of the key without session */
    const sf_serde *value;
    bool is_final; /* changes do not go on */
    bool sends_before;
} sf_kept_sessions_plan;

/* Of one task; part of an operator's state. */
typedef struct sf_kept_sessions {
    const sf_kept_sessions_plan *plan;
    sf_context *context;
    sf_session_store *store;
    bool forwards_at_once;
    sf_store *cached; /* the store, if it holds changes back */
} sf_kept_sessions;

sf_status sf_kept_sessions_init(sf_kept_sessions *sessions, const sf_kept_sessions_plan *plan,
                                sf_context *context, sf_error *err);

/* A session of one key as it was read; bytes in the arena. */
typedef struct sf_session_row {
    int64_t start_ms;
    int64_t end_ms;
    sf_bytes stored;
} sf_session_row;

/* Those that lie within the gap of the time, in the store's order: by end, then start. key as stored.
 * *rows is in the arena. */
sf_status sf_kept_sessions_near(sf_kept_sessions *sessions, sf_bytes key, int64_t time_ms,
                                int64_t gap_ms, sf_session_row **rows, size_t *count,
                                sf_error *err);

/* What a row holds, in flight; a copy of its own, to be changed in place. */
sf_status sf_kept_sessions_value(const sf_kept_sessions *sessions, const sf_session_row *row,
                                 sf_bytes *value, sf_error *err);

/* What a session becomes: all in flight but the wire key. */
typedef struct sf_session_change {
    sf_bytes wire_key;
    sf_bytes key;
    int64_t start_ms;
    int64_t end_ms;
    sf_bytes value;               /* null removes it */
    const sf_session_row *before; /* NULL: there was none */
    sf_headers headers;           /* of the record it came from */
} sf_session_change;

sf_status sf_kept_sessions_put(sf_kept_sessions *sessions, const sf_session_change *change,
                               sf_error *err);

/* Sends on all sessions with first_ms <= end <= last_ms, by end, start, key, as final results; trigger
 * is the record whose headers they bear. */
sf_status sf_kept_sessions_emit(sf_kept_sessions *sessions, const sf_record *trigger,
                                int64_t first_ms, int64_t last_ms, sf_error *err);

#endif
