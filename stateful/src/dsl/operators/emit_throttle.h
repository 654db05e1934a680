/* emit_throttle.h - not more often than the emit interval, by the wall clock: scanning a store for
 * results that are due. One an operator; zeroed to begin with. A fresh pipeline begins anew, so that
 * results come sooner, never others. */
#ifndef SF_DSL_OPERATORS_EMIT_THROTTLE_H
#define SF_DSL_OPERATORS_EMIT_THROTTLE_H

#include <stateful/processor.h>

typedef struct sf_emit_throttle {
    int64_t next_ms; /* wall clock */
} sf_emit_throttle;

/* Whether it may be now; if so, the next time is an interval away. */
bool sf_emit_throttle_passes(sf_emit_throttle *throttle, const sf_context *context);

#endif
