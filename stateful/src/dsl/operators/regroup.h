/* regroup.h - the changes of a table's rows, by another key: new and old value in one record if both
 * belong to the same group, else the old one first. */
#ifndef SF_DSL_OPERATORS_REGROUP_H
#define SF_DSL_OPERATORS_REGROUP_H

#include <stateful/functions.h>
#include <stateful/serde.h>

typedef struct sf_regroup_plan {
    sf_map_fn select; /* the new key and value */
    void *user;
    const sf_serde *key; /* groups are the same if it gives the same bytes */
    bool is_versioned;   /* changes that come out of order are left out */
} sf_regroup_plan;

/* What it forwards has an sf_value_pair for its value. */
sf_processor sf_regroup_processor(sf_regroup_plan *plan); /* borrowed */

#endif
