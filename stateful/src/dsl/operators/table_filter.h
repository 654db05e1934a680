/* table_filter.h - rows that a predicate takes; the others become deletions. */
#ifndef SF_DSL_OPERATORS_TABLE_FILTER_H
#define SF_DSL_OPERATORS_TABLE_FILTER_H

#include "dsl/operators/filter.h"
#include "dsl/operators/kept_rows.h"
#include "dsl/operators/lookup.h"

typedef struct sf_table_filter_plan {
    sf_lookup_plan lookup; /* of the rows taken, while nothing is kept */
    const sf_lookup_plan *from;
    sf_filter filter;
    bool is_versioned;      /* what comes in: what was before tells nothing then */
    sf_kept_rows_plan rows; /* store NULL: nothing is kept */
} sf_table_filter_plan;

/* Fills in plan->lookup. */
sf_processor sf_table_filter_processor(sf_table_filter_plan *plan); /* borrowed */

#endif
