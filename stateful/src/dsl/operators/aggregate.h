/* aggregate.h - one value a key out of all its records: count, reduce and aggregate. */
#ifndef SF_DSL_OPERATORS_AGGREGATE_H
#define SF_DSL_OPERATORS_AGGREGATE_H

#include <stateful/functions.h>

#include "dsl/operators/kept_rows.h"

/* What is done with a record and the value so far; the same for windows. */
typedef struct sf_fold {
    sf_aggregate_fn add;
    void *user;
    sf_bytes initial;    /* in flight; null: add is told that there is none */
    bool first_is_taken; /* the first value of a key as it is (reduce) */
} sf_fold;

/* *aggregate: what there is so far, null for none, then what it becomes. */
sf_status sf_fold_add(const sf_fold *fold, sf_arena *arena, const sf_record *record,
                      sf_bytes *aggregate, sf_error *err);

/* Counting: int64 in flight. */
extern const sf_fold sf_fold_count;

typedef struct sf_aggregate_plan {
    sf_fold fold;
    sf_kept_rows_plan rows;
} sf_aggregate_plan;

sf_processor sf_aggregate_processor(sf_aggregate_plan *plan); /* borrowed */

#endif
