/* graph_implementation.h - what is inside a graph; shared by graph.c, which adds, and
 * graph_build.c, which makes the topology of it. */
#ifndef SF_TOPOLOGY_GRAPH_IMPLEMENTATION_H
#define SF_TOPOLOGY_GRAPH_IMPLEMENTATION_H

#include "topology/graph.h"
#include "topology/index_list.h"
#include "topology/topology_implementation.h"

typedef struct sf_graph_node {
    sf_node node;
    sf_index_list children;
    sf_index_list parents;
    sf_index_list stores;
    bool takes_null_keys;
} sf_graph_node;

/* A store wanted by name. */
typedef struct sf_graph_use {
    struct sf_graph_use *next;
    size_t node;
    const char *store;
} sf_graph_use;

/* Two nodes whose topics must agree. */
typedef struct sf_graph_meeting {
    struct sf_graph_meeting *next;
    size_t node;
    size_t other;
} sf_graph_meeting;

struct sf_graph {
    sf_arena *arena;
    sf_graph_node *nodes;
    size_t node_count;
    sf_topic *topics;
    size_t topic_count;
    sf_topology_store *stores;
    size_t store_count;
    sf_topology_global *globals;
    size_t global_count;
    sf_graph_use *uses;
    sf_graph_meeting *meetings;
    sf_error misuse;
};

#endif
