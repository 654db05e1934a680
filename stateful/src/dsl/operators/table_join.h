/* table_join.h - records of a stream, each with the table's newest value of its key. */
#ifndef SF_DSL_OPERATORS_TABLE_JOIN_H
#define SF_DSL_OPERATORS_TABLE_JOIN_H

#include <stateful/functions.h>
#include <stateful/serde.h>

typedef struct sf_table_join_plan {
    sf_join_fn join;
    void *user;
    bool is_left; /* records without a match go on too */
    const char *store;
    const sf_serde *key; /* as the store is written */
    const sf_serde *value;
} sf_table_join_plan;

sf_processor sf_table_join_processor(sf_table_join_plan *plan); /* borrowed */

#endif
