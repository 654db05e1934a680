/* table_join.h - records of a stream, each with the table's newest value of its key, or if the table is
 * versioned with the one that was valid at the record's time. With a grace records wait so long, by the
 * largest timestamp among them, and then meet the table in the order of their times; those that come
 * later still meet it at once. */
#ifndef SF_DSL_OPERATORS_TABLE_JOIN_H
#define SF_DSL_OPERATORS_TABLE_JOIN_H

#include <stateful/serde.h>

#include "dsl/operators/joiner.h"
#include "dsl/operators/lookup.h"

typedef struct sf_table_join_plan {
    sf_joiner joiner;
    bool is_left; /* records without a match go on too */
    const sf_lookup_plan *table;
    bool is_versioned;

    const char *buffer; /* the store of records that wait; NULL: they do not */
    int64_t grace_ms;
    const sf_serde *key; /* of the stream's records, in the buffer */
    const sf_serde *value;
} sf_table_join_plan;

sf_processor sf_table_join_processor(sf_table_join_plan *plan); /* borrowed */

#endif
