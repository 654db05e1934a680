/* spec_topology.h - a case's `spec` as a topology, made through the public calls of the library.
 *
 * Nodes are made in the order of the list. What the builder refuses is found at the end, by
 * sf_builder_build; what the language does not know, at its node.
 */
#ifndef TESTS_CONFORMANCE_SPEC_TOPOLOGY_H
#define TESTS_CONFORMANCE_SPEC_TOPOLOGY_H

#include <stateful/stateful.h>

#include "conformance/spec_value.h"

/* A topic that is read or written, and how. */
typedef struct spec_topic {
    const char *name;
    spec_key_type key;
    spec_type value;
    bool is_source;
} spec_topic;

/* A store that checks may name, and how it is written. */
typedef struct spec_store {
    const char *name;
    sf_store_kind kind;
    spec_key_type key; /* a windowed key is key and window apart */
    spec_type value;
} spec_store;

/* What the calls of `store_calls` returned, in order. */
typedef struct spec_put_returns {
    int64_t *items;
    size_t count;
    size_t capacity;
} spec_put_returns;

typedef struct spec_topology {
    sf_arena *arena; /* of everything that the topology needs */
    sf_builder *builder;
    sf_topology *topology;
    struct spec_node *nodes;
    size_t node_count;
    spec_topic *topics;
    size_t topic_count;
    spec_store *stores;
    size_t store_count;
    spec_put_returns puts;
} spec_topology;

/* spec outlives the result. Free it also after a failure. */
sf_status spec_topology_make(const cJSON *spec, spec_topology **made, sf_error *err);
void spec_topology_free(spec_topology *topology);

/* NULL: the spec does not have it. */
const spec_topic *spec_topology_topic(const spec_topology *topology, const char *name,
                                      bool is_source);

/* NULL as a name: the only one. */
const spec_store *spec_topology_store(const spec_topology *topology, const char *name);

#endif
