/* kept_windows.h - the rows of a windowed table in its window store, and how their changes go on: each
 * at once, with caching the newest of each window at the commit, or not at all (results on close).
 * What kept_rows.h is for keys without windows.
 */
#ifndef SF_DSL_OPERATORS_KEPT_WINDOWS_H
#define SF_DSL_OPERATORS_KEPT_WINDOWS_H

#include <stateful/processor.h>
#include <stateful/serde.h>

#include "dsl/operators/change.h"

/* Constant; shared by all operators that write the store. */
typedef struct sf_kept_windows_plan {
    const char *store;
    const sf_serde *key; /* of the key without window */
    const sf_serde *value;
    int64_t size_ms; /* from start to end; INT64_MAX: windows without end */
    bool is_final;   /* changes do not go on */
    bool sends_before;
} sf_kept_windows_plan;

/* Of one task; part of an operator's state. */
typedef struct sf_kept_windows {
    const sf_kept_windows_plan *plan;
    sf_context *context;
    sf_window_store *store;
    bool forwards_at_once;
    sf_store *cached; /* the store, if it holds changes back */
} sf_kept_windows;

sf_status sf_kept_windows_init(sf_kept_windows *windows, const sf_kept_windows_plan *plan,
                               sf_context *context, sf_error *err);

/* A window of one key as it was read. */
typedef struct sf_window_row {
    int64_t start_ms;
    sf_bytes stored; /* as stored, null: there is none */
    int64_t timestamp;
} sf_window_row;

/* key as stored. The row's bytes are valid until the next call on the store. */
sf_status sf_kept_windows_get(sf_kept_windows *windows, sf_bytes key, int64_t start_ms,
                              sf_window_row *row, sf_error *err);

/* What a row holds, in flight; a copy of its own, to be changed in place. */
sf_status sf_kept_windows_value(const sf_kept_windows *windows, const sf_window_row *row,
                                sf_bytes *value, sf_error *err);

/* One value of one window, all in flight but the wire key. */
typedef struct sf_window_change {
    sf_bytes wire_key;
    int64_t start_ms;
    sf_change change; /* the key is without window; before: if the plan asks for it */
} sf_window_change;

sf_status sf_kept_windows_put(sf_kept_windows *windows, const sf_window_change *change,
                              sf_error *err);

/* Sends on all windows with first_ms <= start <= last_ms, by start, then key, as final results; trigger
 * is the record whose headers they bear. */
sf_status sf_kept_windows_emit(sf_kept_windows *windows, const sf_record *trigger, int64_t first_ms,
                               int64_t last_ms, sf_error *err);

/* The window's end as the key says it. */
static inline int64_t sf_kept_windows_end(const sf_kept_windows_plan *plan, int64_t start_ms)
{
    return plan->size_ms == INT64_MAX ? INT64_MAX : start_ms + plan->size_ms;
}

#endif
