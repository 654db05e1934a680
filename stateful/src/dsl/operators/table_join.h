/* table_join.h - records of a stream, each with the table's newest value of its key, or if the table is
 * versioned with the one that was valid at the record's time. */
#ifndef SF_DSL_OPERATORS_TABLE_JOIN_H
#define SF_DSL_OPERATORS_TABLE_JOIN_H

#include <stateful/functions.h>

#include "dsl/operators/lookup.h"

typedef struct sf_table_join_plan {
    sf_join_fn join;
    void *user;
    bool is_left; /* records without a match go on too */
    const sf_lookup_plan *table;
    bool is_versioned;
} sf_table_join_plan;

sf_processor sf_table_join_processor(sf_table_join_plan *plan); /* borrowed */

#endif
