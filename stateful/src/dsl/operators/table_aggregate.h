/* table_aggregate.h - one value a group out of the newest rows of a table: what a row was is taken away,
 * then what it is is added, in one step. */
#ifndef SF_DSL_OPERATORS_TABLE_AGGREGATE_H
#define SF_DSL_OPERATORS_TABLE_AGGREGATE_H

#include <stateful/functions.h>

#include "dsl/operators/kept_rows.h"

typedef struct sf_table_fold {
    sf_aggregate_fn add;
    sf_aggregate_fn subtract;
    void *user;
    sf_bytes initial;    /* in flight; null: add is told that there is none */
    bool first_is_taken; /* the first value of a group as it is (reduce) */
} sf_table_fold;

/* Counting: int64 in flight. */
extern const sf_table_fold sf_table_fold_count;

typedef struct sf_table_aggregate_plan {
    sf_table_fold fold;
    sf_kept_rows_plan rows;
} sf_table_aggregate_plan;

/* Takes what sf_regroup_processor gives. */
sf_processor sf_table_aggregate_processor(sf_table_aggregate_plan *plan); /* borrowed */

#endif
