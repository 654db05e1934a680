/* window_aggregate.h - one value a key and window: tumbling and hopping windows.
 *
 * The operator keeps the largest timestamp it has seen, among the task's times; a record is added to
 * those of its windows that are not closed by then.
 */
#ifndef SF_DSL_OPERATORS_WINDOW_AGGREGATE_H
#define SF_DSL_OPERATORS_WINDOW_AGGREGATE_H

#include <stateful/window.h>

#include "dsl/operators/aggregate.h"

typedef struct sf_window_aggregate_plan {
    sf_fold fold;
    sf_window window; /* advance is set */
    const char *store;
    const sf_serde *key; /* of the key without window */
    const sf_serde *value;
    bool caching_off;
    bool sends_before;
} sf_window_aggregate_plan;

sf_processor sf_window_aggregate_processor(sf_window_aggregate_plan *plan); /* borrowed */

#endif
