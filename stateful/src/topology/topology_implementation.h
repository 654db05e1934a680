/* topology_implementation.h - what is inside a topology: topics, sub-topologies, nodes, stores.
 *
 * 1 All of it is constant once built and lives in the topology's arena.
 * 2 An index into topics, nodes or stores is the same everywhere; sub-topologies are numbered as Kafka
 *   Streams does it: by the sorted names of their source nodes.
 * 3 Nodes stand in the order in which they were added: parents before children, and that is the order
 *   in which caches are flushed.
 */
#ifndef SF_TOPOLOGY_TOPOLOGY_IMPLEMENTATION_H
#define SF_TOPOLOGY_TOPOLOGY_IMPLEMENTATION_H

#include <stateful/consumed.h>
#include <stateful/functions.h>
#include <stateful/store.h>
#include <stateful/topology.h>

typedef struct sf_topic {
    const char *name; /* without the application's prefix: "orders", "by-product-repartition" */
    bool is_internal; /* a repartition topic: <application>-<name> is its full name */
    bool is_source;   /* read by subtopology */
    bool is_sink;     /* written to */
    bool is_table;    /* read as a table */
    bool is_global;   /* read whole by every instance, outside of sub-topologies */
    sf_reset reset;
    int32_t partitions; /* wanted of a repartition topic; 0: see sf_topology_partitions */
    size_t subtopology; /* that reads it */
    size_t group;       /* topics with the same number must have equal partition counts */
    size_t company;     /* topics with the same number meet at a join or a store */
} sf_topic;

typedef enum sf_node_kind {
    SF_SOURCE_NODE,
    SF_PROCESSOR_NODE,
    SF_SINK_NODE,
} sf_node_kind;

#define SF_COMPUTED_TOPIC SIZE_MAX

typedef struct sf_node {
    const char *name;
    sf_node_kind kind;
    size_t subtopology;
    const size_t *children; /* in the order they were added */
    size_t child_count;
    const size_t *parents;
    size_t parent_count;

    /* sources and sinks */
    size_t topic;                /* SF_COMPUTED_TOPIC: a sink that asks topic_name */
    sf_topic_name_fn topic_name; /* borrows its user pointer */
    void *topic_user;
    const sf_serde *key;
    const sf_serde *value;
    sf_timestamp_fn timestamp;
    void *timestamp_user;
    sf_on_error on_error;
    int32_t (*partition)(const sf_record *record); /* sinks; NULL: by the key */

    /* processors */
    const struct sf_processor *processor;
    const size_t *stores;
    size_t store_count;
    bool locks_key; /* forwards with another key than the record's are refused */
} sf_node;

typedef struct sf_topology_store {
    sf_store_options options;
    size_t subtopology;
} sf_topology_store;

/* A global table: its topic goes to its store, no task has a part in it. */
typedef struct sf_topology_global {
    sf_node source; /* none of the topology's nodes */
    const char *processor_name;
    sf_store_options options;
    const sf_serde *key; /* how the store is written */
    const sf_serde *value;
} sf_topology_global;

typedef struct sf_subtopology {
    const char *identity; /* 16 hex digits: hash of the sorted source topics and store names */
    const size_t
        *inputs; /* source topics in order of their name; a task's inputs are numbered so */
    size_t input_count;
    const size_t *sources; /* the source node of each input */
    const size_t *outputs; /* sink topics, each once */
    size_t output_count;
    const size_t *nodes;
    size_t node_count;
    const size_t *stores; /* in topological order; a task's stores are numbered so */
    size_t store_count;
} sf_subtopology;

struct sf_topology {
    sf_arena *arena;
    const sf_topic *topics;
    size_t topic_count;
    const sf_node *nodes;
    size_t node_count;
    const sf_topology_store *stores;
    size_t store_count;
    const sf_subtopology *subtopologies;
    size_t subtopology_count;
    const sf_topology_global *globals;
    size_t global_count;
    bool has_dead_letters;
};

/* ---- full names; to be given back with free() ---- */

char *sf_topology_topic_name(const sf_topic *topic, const char *application_id);
char *sf_topology_changelog_name(const char *store, const char *application_id);
char *sf_topology_dead_letter_name(const char *application_id);

/* Fills in the counts that are 0: those of the repartition topics, one count a topic in the order of
 * topics; those of all other topics that are read must be given. A repartition topic gets what it
 * wants, else the largest count of the topics it must agree with, else the largest of the topics
 * behind it. Fails if topics that must agree do not, or a count cannot be known. */
sf_status sf_topology_partitions(const sf_topology *topology, int32_t *counts, sf_error *err);

/* How many tasks a sub-topology has: the largest count of its inputs. */
int32_t sf_topology_task_count(const sf_topology *topology, size_t subtopology,
                               const int32_t *counts);

#endif
