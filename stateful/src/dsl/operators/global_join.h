/* global_join.h - records of a stream, each with a global table's value of a key that a function finds
 * in it. The table is what the instance has committed of it; any thread may read that. */
#ifndef SF_DSL_OPERATORS_GLOBAL_JOIN_H
#define SF_DSL_OPERATORS_GLOBAL_JOIN_H

#include <stateful/serde.h>

#include "dsl/operators/joiner.h"

typedef struct sf_global_join_plan {
    sf_map_fn select; /* sets out->key */
    void *select_user;
    sf_joiner joiner;
    bool is_left; /* records without a match go on too */
    const char *store;
    const sf_serde *key; /* as the store is written */
    const sf_serde *value;
} sf_global_join_plan;

sf_processor sf_global_join_processor(sf_global_join_plan *plan); /* borrowed */

#endif
