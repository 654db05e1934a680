/* table_transform.h - each row's value by a processor of the program: what it forwards becomes the row. */
#ifndef SF_DSL_OPERATORS_TABLE_TRANSFORM_H
#define SF_DSL_OPERATORS_TABLE_TRANSFORM_H

#include "dsl/operators/kept_rows.h"

typedef struct sf_table_transform_plan {
    sf_processor transform;
    sf_kept_rows_plan
        rows; /* store NULL: nothing is kept, and values before are transformed anew */
} sf_table_transform_plan;

sf_processor sf_table_transform_processor(sf_table_transform_plan *plan); /* borrowed */

#endif
