/* spec_join.h - what all joins read, and what becomes of them. */
#ifndef TESTS_CONFORMANCE_SPEC_JOIN_H
#define TESTS_CONFORMANCE_SPEC_JOIN_H

#include "conformance/spec_node.h"

typedef enum join_kind { JOIN_INNER, JOIN_LEFT, JOIN_OUTER } join_kind;

typedef struct spec_join {
    const spec_node *left;
    const spec_node *right;
    int kind; /* join_kind */
    spec_combine *joiner;
} spec_join;

/* kinds: words that `kind` may be; left and right: sums of node kinds. Sets the node's types. */
sf_status spec_join_read(spec_topology *topology, spec_node *node, const char *kinds, int left,
                         int right, spec_join *read, sf_error *err);

/* Refuses keys that are not of the right side's type. */
sf_status spec_join_want_key(const spec_join *join, spec_key_type key, sf_error *err);

/* The node becomes a stream or a table with serdes of its types. A table is looked up through both sides
 * unless it has a store. */
sf_stream *spec_join_stream(spec_node *node, sf_stream *stream);
sf_table *spec_join_table(spec_node *node, sf_table *table);

#endif
