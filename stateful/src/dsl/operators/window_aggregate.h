/* window_aggregate.h - one value a key and window: tumbling, hopping and unlimited windows. A record is
 * added to those of its windows that are not closed. */
#ifndef SF_DSL_OPERATORS_WINDOW_AGGREGATE_H
#define SF_DSL_OPERATORS_WINDOW_AGGREGATE_H

#include "dsl/operators/window_fold.h"

sf_processor sf_window_aggregate_processor(sf_window_fold_plan *plan); /* borrowed */
sf_processor sf_unlimited_aggregate_processor(sf_window_fold_plan *plan);

#endif
