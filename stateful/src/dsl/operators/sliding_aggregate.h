/* sliding_aggregate.h - one value a key and sliding window. */
#ifndef SF_DSL_OPERATORS_SLIDING_AGGREGATE_H
#define SF_DSL_OPERATORS_SLIDING_AGGREGATE_H

#include "dsl/operators/window_fold.h"

sf_processor sf_sliding_aggregate_processor(sf_window_fold_plan *plan); /* borrowed */

#endif
