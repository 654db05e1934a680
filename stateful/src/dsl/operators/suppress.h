/* suppress.h - holds back the updates of a table's rows: until they have waited a while by the stream
 * time of this operator, or until their windows close; or until the buffer is full. */
#ifndef SF_DSL_OPERATORS_SUPPRESS_H
#define SF_DSL_OPERATORS_SUPPRESS_H

#include <stateful/processor.h>
#include <stateful/serde.h>

#include "dsl/operators/lookup.h"

typedef struct sf_suppress_plan {
    sf_lookup_plan lookup; /* of the rows as they went on last */
    const sf_lookup_plan *from;
    const char *store; /* of the updates that wait */
    const sf_serde *key;
    const sf_serde *value;
    bool
        is_final; /* the time of an update is the end of its window, and deletions do not go on; else
                        it is that of its record */
    int64_t wait_ms; /* how long after that time it goes on; negative: never */
    uint64_t max_keys;
    uint64_t max_bytes;
    bool stops_when_full;
    bool sends_before; /* it always does; for those who ask */
} sf_suppress_plan;

/* Fills in plan->lookup. */
sf_processor sf_suppress_processor(sf_suppress_plan *plan); /* borrowed */

#endif
