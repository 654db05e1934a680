/* table_map.h - each row's value by a function. */
#ifndef SF_DSL_OPERATORS_TABLE_MAP_H
#define SF_DSL_OPERATORS_TABLE_MAP_H

#include "dsl/operators/kept_rows.h"
#include "dsl/operators/lookup.h"
#include "dsl/operators/map.h"

typedef struct sf_table_map_plan {
    sf_lookup_plan lookup; /* of the rows mapped, while nothing is kept */
    const sf_lookup_plan *from;
    sf_map_step step;
    sf_kept_rows_plan rows; /* store NULL: nothing is kept */
} sf_table_map_plan;

/* Fills in plan->lookup. */
sf_processor sf_table_map_processor(sf_table_map_plan *plan); /* borrowed */

#endif
