/* folding.h - grouped streams on their way to a table: each stream has a node that folds its records
 * into the one store of all. */
#ifndef SF_DSL_FOLDING_H
#define SF_DSL_FOLDING_H

#include "dsl/builder_implementation.h"
#include "dsl/operators/fold.h"
#include "dsl/windowing.h"

typedef struct sf_folding {
    sf_builder *builder;
    sf_windowing windowing;
    sf_materialized how;
    sf_store_options options; /* of a store of windows */
    const char *store;        /* its name, in the graph's arena */
    void *kept;               /* the operators' plan of the store, as the windows want it */
    size_t *nodes;            /* one a stream */
    size_t count;
} sf_folding;

/* materialized NULL or without a name is a misuse. */
sf_folding sf_folding_new(sf_builder *builder, const sf_windowing *windowing,
                          const sf_materialized *materialized);

/* A node for one more stream whose records are by key; name: the node's. */
void sf_folding_add(sf_folding *folding, const char *name, const sf_fold *fold,
                    const sf_stream *stream);

/* Makes the store, and the table of its rows. like: for key serde and policy. The table stands at the
 * first node. */
sf_table *sf_folding_table(sf_folding *folding, const sf_stream *like);

#endif
