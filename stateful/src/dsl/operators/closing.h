/* closing.h - which results are due when windows close: those whose time lies behind the last
 * emission and is closed by now. The time is a window's start, or a session's end.
 *
 *   closed   time <= stream time - after - span
 *   emitted  the close time (stream time - after) of the last emission, among the task's times, so
 *            that neither an abort nor a restart sends a result twice or never
 *
 * The reference emits after the record is in the store, whose retention may hide by then what the
 * same record has closed. Without losses it is done before, and no throttle stands in the way of
 * results that the record would hide.
 */
#ifndef SF_DSL_OPERATORS_CLOSING_H
#define SF_DSL_OPERATORS_CLOSING_H

#include "dsl/operators/emit_throttle.h"

typedef struct sf_closing_plan {
    bool is_on;           /* else all is 0 */
    bool is_lossless;     /* emission before the record is in the store */
    int64_t after_ms;     /* grace; sessions: gap and grace */
    int64_t span_ms;      /* from the last time that is closed to the close time */
    int64_t retention_ms; /* of the store, 0: for ever */
} sf_closing_plan;

typedef struct sf_closing {
    const sf_closing_plan *plan;
    const sf_context *context;
    int64_t *emitted;
    sf_emit_throttle throttle;
} sf_closing;

/* name: of the operator's times. */
sf_status sf_closing_init(sf_closing *closing, const sf_closing_plan *plan, sf_context *context,
                          const char *name, sf_error *err);

/* Whether results may be due at that stream time: of times *first to *last. */
bool sf_closing_is_due(sf_closing *closing, int64_t stream_time_ms, int64_t *first_ms,
                       int64_t *last_ms);

/* They were emitted. */
void sf_closing_done(sf_closing *closing, int64_t stream_time_ms);

#endif
