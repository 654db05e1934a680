/* table_filter.h - rows that a predicate takes; the others become deletions. */
#ifndef SF_DSL_OPERATORS_TABLE_FILTER_H
#define SF_DSL_OPERATORS_TABLE_FILTER_H

#include "dsl/operators/filter.h"
#include "dsl/operators/kept_rows.h"

typedef struct sf_table_filter_plan {
    sf_filter filter;
    sf_kept_rows_plan rows; /* store NULL: nothing is kept */
} sf_table_filter_plan;

sf_processor sf_table_filter_processor(sf_table_filter_plan *plan); /* borrowed */

#endif
