/* store_lookup.h - rows of a table that is kept, by key. */
#ifndef SF_DSL_OPERATORS_STORE_LOOKUP_H
#define SF_DSL_OPERATORS_STORE_LOOKUP_H

#include <stateful/serde.h>

#include "dsl/operators/lookup.h"

typedef struct sf_store_lookup_plan {
    sf_lookup_plan base; /* see sf_store_lookup */
    sf_store_kind kind;
    const char *store;
    const sf_serde
        *key; /* how the store is written; window and session stores: without the window */
    const sf_serde *value;
} sf_store_lookup_plan;

/* The base of every such plan. */
extern const sf_lookup_plan sf_store_lookup;

#endif
