/* aggregate.h - one value a key out of all its records: count, reduce and aggregate. */
#ifndef SF_DSL_OPERATORS_AGGREGATE_H
#define SF_DSL_OPERATORS_AGGREGATE_H

#include "dsl/operators/fold.h"
#include "dsl/operators/kept_rows.h"

typedef struct sf_aggregate_plan {
    sf_fold fold;
    const sf_kept_rows_plan *rows; /* shared by the streams of a cogroup */
} sf_aggregate_plan;

sf_processor sf_aggregate_processor(sf_aggregate_plan *plan); /* borrowed */

#endif
