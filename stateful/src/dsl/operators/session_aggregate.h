/* session_aggregate.h - one value a key and session. */
#ifndef SF_DSL_OPERATORS_SESSION_AGGREGATE_H
#define SF_DSL_OPERATORS_SESSION_AGGREGATE_H

#include "dsl/operators/closing.h"
#include "dsl/operators/fold.h"
#include "dsl/operators/kept_sessions.h"

typedef struct sf_session_aggregate_plan {
    sf_fold fold;
    int64_t gap_ms;
    int64_t grace_ms;
    const char *times; /* under what name the operator keeps its times */
    sf_closing_plan closing;
    const sf_kept_sessions_plan *sessions;
} sf_session_aggregate_plan;

sf_processor sf_session_aggregate_processor(sf_session_aggregate_plan *plan); /* borrowed */

#endif
