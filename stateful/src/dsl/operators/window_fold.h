/* window_fold.h - what aggregates over windows of a window store have in common: a record is added to
 * one window, and windows that are closed are emitted. Which windows those are, window_aggregate.c
 * and sliding_aggregate.c know.
 *
 * The operator keeps the largest timestamp it has seen, among the task's times. A window is closed,
 * and records for it are late, by that time.
 */
#ifndef SF_DSL_OPERATORS_WINDOW_FOLD_H
#define SF_DSL_OPERATORS_WINDOW_FOLD_H

#include "dsl/operators/closing.h"
#include "dsl/operators/fold.h"
#include "dsl/operators/kept_windows.h"

typedef struct sf_window_fold_plan {
    sf_fold fold;
    int64_t advance_ms; /* tumbling and hopping windows */
    int64_t start_ms;   /* unlimited windows */
    int64_t grace_ms;
    const char *times; /* under what name the operator keeps its times */
    sf_closing_plan closing;
    const sf_kept_windows_plan *windows;
} sf_window_fold_plan;

/* Of one task. */
typedef struct sf_window_fold {
    const sf_window_fold_plan *plan;
    sf_context *context;
    sf_kept_windows windows;
    sf_closing closing;
    int64_t *seen;
} sf_window_fold;

/* The init of a processor whose user is the plan and whose state this is. */
sf_status sf_window_fold_init(void *user, sf_context *context, void **state, sf_error *err);

/* What every record goes through first. *goes_on false: it was left out, and counted. The key as stored
 * is in *wire_key. */
sf_status sf_window_fold_see(sf_window_fold *at, const sf_record *record, bool *goes_on,
                             sf_bytes *wire_key, sf_error *err);

/* Where a record is added. base: the row it is added to (stored null: there is none); is_new: the
 * window has no row, base is that of another one, whose records belong here too. */
typedef struct sf_window_addition {
    sf_bytes wire_key;
    sf_window_row base; /* with the window's own start */
    bool is_new;
} sf_window_addition;

/* Adds the record, keeps the result and sends it on. */
sf_status sf_window_fold_add(sf_window_fold *at, const sf_record *record,
                             const sf_window_addition *addition, sf_error *err);

/* Emits what is closed, if results go out on close. is_first: the record is not in the store yet. */
sf_status sf_window_fold_emit(sf_window_fold *at, const sf_record *record, bool is_first,
                              sf_error *err);

#endif
