/* graph.h - a topology in the making: sources, processors and sinks are added, parents first.
 *
 * A misuse is remembered, not returned; sf_graph_build fails with the first one. Texts and processors
 * are copied into the arena, which the topology takes over. One thread.
 */
#ifndef SF_TOPOLOGY_GRAPH_H
#define SF_TOPOLOGY_GRAPH_H

#include <stateful/consumed.h>
#include <stateful/functions.h>
#include <stateful/processor.h>
#include <stateful/store.h>
#include <stateful/topology.h>

typedef struct sf_graph sf_graph;

sf_graph *sf_graph_new(void);
void sf_graph_free(sf_graph *graph);

/* Memory that lives as long as the topology. */
sf_arena *sf_graph_arena(sf_graph *graph);

/* Remembers a misuse: a sentence. */
void sf_graph_fail(sf_graph *graph, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The number of a topic by its name. */
size_t sf_graph_topic(sf_graph *graph, const char *name);

/* A topic of our own, by its name without the application's: partitions 0: see
 * sf_topology_partitions. */
size_t sf_graph_add_repartition(sf_graph *graph, const char *name, int32_t partitions);

/* The same by its whole name without the application's. */
size_t sf_graph_add_internal(sf_graph *graph, const char *name);

/* Each gives the number of the new node. consumed may be NULL. */
size_t sf_graph_add_source(sf_graph *graph, const char *name, size_t topic, bool is_table,
                           const sf_consumed *consumed);
size_t sf_graph_add_processor(sf_graph *graph, const char *name, const sf_processor *processor,
                              size_t parent);
size_t sf_graph_add_sink(sf_graph *graph, const char *name, size_t topic, const sf_serde *key,
                         const sf_serde *value, size_t parent);

/* A sink that asks the function for the topic of each record. */
size_t sf_graph_add_computed_sink(sf_graph *graph, const char *name, sf_topic_name_fn topic_name,
                                  void *user, const sf_serde *key, const sf_serde *value,
                                  size_t parent);

/* The sink's records go where the function says, which sees them in flight; else they go by the key. */
typedef int32_t (*sf_partition_fn)(const sf_record *record);
void sf_graph_choose_partition(sf_graph *graph, size_t sink, sf_partition_fn partition);

/* One more parent, for what merges. */
void sf_graph_connect(sf_graph *graph, size_t parent, size_t child);

/* Forwards of this processor with another key than the record's fail. */
void sf_graph_lock_key(sf_graph *graph, size_t node);

/* This node takes records without key: they may pass the repartition topics before it. */
void sf_graph_take_null_keys(sf_graph *graph, size_t node);

/* Whether whatever way a record takes from this node leads to such a node, through repartition topics
 * too. */
bool sf_graph_all_take_null_keys(const sf_graph *graph, size_t node);

void sf_graph_rename(sf_graph *graph, size_t node, const char *name);

/* The store's number. */
size_t sf_graph_add_store(sf_graph *graph, const sf_store_options *options);
void sf_graph_use_store(sf_graph *graph, size_t node, size_t store);

/* By its name, which may be added later. */
void sf_graph_use_store_named(sf_graph *graph, size_t node, const char *store);

/* A topic read whole by every instance, into a key-value store of its own. Texts are copied. */
typedef struct sf_graph_global {
    const char *source_name;
    const char *processor_name;
    const char *topic;
    sf_consumed consumed;
    sf_store_options store;
    const sf_serde *key; /* how the store is written */
    const sf_serde *value;
} sf_graph_global;

void sf_graph_add_global(sf_graph *graph, const sf_graph_global *global);

/* The two nodes' records meet by key: the topics they come from must have equal partition counts. */
void sf_graph_meet(sf_graph *graph, size_t node, size_t other);

/* Takes the graph's content; only sf_graph_free may follow. */
sf_status sf_graph_build(sf_graph *graph, sf_topology **topology, sf_error *err);

#endif
