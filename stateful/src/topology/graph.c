#include "topology/graph_implementation.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { NAME_MAX_LENGTH = 200 }; /* Kafka allows 249 for a topic, our prefix and suffix included */

sf_graph *sf_graph_new(void)
{
    sf_graph *graph = sf_zalloc(sizeof(*graph));

    graph->arena = sf_arena_new();
    return graph;
}

void sf_graph_free(sf_graph *graph)
{
    if (!graph)
        return;
    free(graph->nodes);
    free(graph->topics);
    free(graph->stores);
    free(graph->globals);
    sf_arena_free(graph->arena);
    free(graph);
}

sf_arena *sf_graph_arena(sf_graph *graph)
{
    return graph->arena;
}

void sf_graph_fail(sf_graph *graph, const char *format, ...)
{
    va_list arguments;

    if (graph->misuse.status)
        return;
    graph->misuse.status = SF_STOP;
    graph->misuse.code = SF_INVALID;
    va_start(arguments, format);
    (void)vsnprintf(graph->misuse.text, sizeof(graph->misuse.text), format,
                    arguments); /* cut if too long */
    va_end(arguments);
}

/* Kafka's rule for topics; stores become part of a topic's name. */
static bool is_good_name(const char *name)
{
    size_t length = strlen(name);

    if (!length || length > NAME_MAX_LENGTH || !strcmp(name, ".") || !strcmp(name, ".."))
        return false;
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)name[i]) && !strchr("._-", name[i]))
            return false;
    return true;
}

static const char *checked_name(sf_graph *graph, const char *what, const char *name)
{
    if (name && is_good_name(name))
        return sf_arena_text(graph->arena, name);
    if (name)
        sf_graph_fail(graph,
                      "the %s '%s' cannot be called so: up to %d letters, digits, '.', '_', '-'",
                      what, name, NAME_MAX_LENGTH);
    else
        sf_graph_fail(graph, "a %s has no name", what);
    return "?";
}

size_t sf_graph_topic(sf_graph *graph, const char *name)
{
    name = checked_name(graph, "topic", name);
    for (size_t i = 0; i < graph->topic_count; i++)
        if (!strcmp(graph->topics[i].name, name))
            return i;
    graph->topics = sf_realloc_array(graph->topics, graph->topic_count + 1, sizeof(*graph->topics));
    graph->topics[graph->topic_count] = (sf_topic){.name = name};
    return graph->topic_count++;
}

size_t sf_graph_add_internal(sf_graph *graph, const char *name)
{
    size_t topic = sf_graph_topic(graph, name);

    if (graph->topics[topic].is_internal)
        sf_graph_fail(graph, "two repartition topics are called '%s'", name);
    graph->topics[topic].is_internal = true;
    return topic;
}

size_t sf_graph_add_repartition(sf_graph *graph, const char *name, int32_t partitions)
{
    const char *checked = checked_name(graph, "repartition topic", name);
    size_t topic =
        sf_graph_add_internal(graph, sf_arena_printf(graph->arena, "%s-repartition", checked));

    if (partitions < 0)
        sf_graph_fail(graph, "the repartition topic '%s' cannot have %d partitions", checked,
                      partitions);
    graph->topics[topic].partitions = partitions;
    return topic;
}

static size_t add_node(sf_graph *graph, const char *name, sf_node_kind kind)
{
    sf_graph_node *node;

    graph->nodes = sf_realloc_array(graph->nodes, graph->node_count + 1, sizeof(*graph->nodes));
    node = &graph->nodes[graph->node_count];
    *node = (sf_graph_node){.node = {.kind = kind}};
    node->node.name = sf_arena_text(graph->arena, name);
    return graph->node_count++;
}

/* Makes the node read the topic. */
static void read_topic(sf_graph *graph, sf_node *node, size_t topic, const sf_consumed *consumed)
{
    sf_topic *read = &graph->topics[topic];

    if (read->is_source || read->is_global)
        sf_graph_fail(graph,
                      "the topic '%s' is read twice: read it once and use that stream or "
                      "table where it is needed",
                      read->name);
    node->topic = topic;
    if (!consumed)
        return;
    node->key = consumed->key;
    node->value = consumed->value;
    node->timestamp = consumed->timestamp;
    node->timestamp_user = consumed->user;
    node->on_error = consumed->on_error;
    read->reset = consumed->reset;
}

size_t sf_graph_add_source(sf_graph *graph, const char *name, size_t topic, bool is_table,
                           const sf_consumed *consumed)
{
    size_t index = add_node(graph, name, SF_SOURCE_NODE);

    read_topic(graph, &graph->nodes[index].node, topic, consumed);
    graph->topics[topic].is_source = true;
    graph->topics[topic].is_table = is_table;
    return index;
}

size_t sf_graph_add_processor(sf_graph *graph, const char *name, const sf_processor *processor,
                              size_t parent)
{
    size_t index = add_node(graph, name, SF_PROCESSOR_NODE);
    sf_processor *copy;

    copy = sf_arena_alloc(graph->arena, sizeof(*copy));
    *copy = *processor;
    graph->nodes[index].node.processor = copy;
    sf_graph_connect(graph, parent, index);
    return index;
}

size_t sf_graph_add_sink(sf_graph *graph, const char *name, size_t topic, const sf_serde *key,
                         const sf_serde *value, size_t parent)
{
    size_t index = add_node(graph, name, SF_SINK_NODE);
    sf_node *node = &graph->nodes[index].node;

    node->topic = topic;
    node->key = key;
    node->value = value;
    graph->topics[topic].is_sink = true;
    sf_graph_connect(graph, parent, index);
    return index;
}

size_t sf_graph_add_computed_sink(sf_graph *graph, const char *name, sf_topic_name_fn topic_name,
                                  void *user, const sf_serde *key, const sf_serde *value,
                                  size_t parent)
{
    size_t index = add_node(graph, name, SF_SINK_NODE);
    sf_node *node = &graph->nodes[index].node;

    node->topic = SF_COMPUTED_TOPIC;
    node->topic_name = topic_name;
    node->topic_user = user;
    node->key = key;
    node->value = value;
    sf_graph_connect(graph, parent, index);
    return index;
}

void sf_graph_choose_partition(sf_graph *graph, size_t sink, sf_partition_fn partition)
{
    graph->nodes[sink].node.partition = partition;
}

void sf_graph_connect(sf_graph *graph, size_t parent, size_t child)
{
    sf_index_list_add_once(&graph->nodes[parent].children, child, graph->arena);
    sf_index_list_add_once(&graph->nodes[child].parents, parent, graph->arena);
}

void sf_graph_lock_key(sf_graph *graph, size_t node)
{
    graph->nodes[node].node.locks_key = true;
}

void sf_graph_take_null_keys(sf_graph *graph, size_t node)
{
    graph->nodes[node].takes_null_keys = true;
}

/* The node that reads what a sink writes; node_count if nobody here does. */
static size_t reader_of(const sf_graph *graph, const sf_node *sink)
{
    size_t i = 0;

    while (i < graph->node_count && (graph->nodes[i].node.kind != SF_SOURCE_NODE ||
                                     graph->nodes[i].node.topic != sink->topic))
        i++;
    return i;
}

bool sf_graph_all_take_null_keys(const sf_graph *graph, size_t node)
{
    const sf_graph_node *at = &graph->nodes[node];
    size_t reader;

    if (at->takes_null_keys)
        return true;
    if (at->node.kind == SF_SINK_NODE) {
        reader = reader_of(graph, &at->node);
        return reader < graph->node_count && graph->topics[at->node.topic].is_internal &&
               sf_graph_all_take_null_keys(graph, reader);
    }
    for (size_t i = 0; i < at->children.count; i++)
        if (!sf_graph_all_take_null_keys(graph, at->children.items[i]))
            return false;
    return at->children.count && !at->stores.count;
}

void sf_graph_rename(sf_graph *graph, size_t node, const char *name)
{
    graph->nodes[node].node.name = checked_name(graph, "operator", name);
}

static bool has_store(const sf_graph *graph, const char *name)
{
    for (size_t i = 0; i < graph->store_count; i++)
        if (!strcmp(graph->stores[i].options.name, name))
            return true;
    for (size_t i = 0; i < graph->global_count; i++)
        if (!strcmp(graph->globals[i].options.name, name))
            return true;
    return false;
}

static void check_store(sf_graph *graph, const sf_store_options *options)
{
    if (has_store(graph, options->name))
        sf_graph_fail(graph, "two stores are called '%s'", options->name);
    if (options->kind == SF_WINDOW_STORE && !options->retain_duplicates &&
        options->window_size_ms <= 0)
        sf_graph_fail(graph, "the window store '%s' needs a window size above 0", options->name);
    if (options->kind == SF_WINDOW_STORE && options->retention_ms &&
        options->retention_ms < options->window_size_ms)
        sf_graph_fail(graph,
                      "the window store '%s' keeps windows for %lld ms, less than their size",
                      options->name, (long long)options->retention_ms);
    if (options->retention_ms < 0 || options->history_ms < 0)
        sf_graph_fail(graph, "the store '%s' keeps things for less than 0 ms", options->name);
}

size_t sf_graph_add_store(sf_graph *graph, const sf_store_options *options)
{
    sf_store_options copy = *options;

    copy.name = checked_name(graph, "store", options->name);
    check_store(graph, &copy);
    graph->stores = sf_realloc_array(graph->stores, graph->store_count + 1, sizeof(*graph->stores));
    graph->stores[graph->store_count] = (sf_topology_store){.options = copy};
    return graph->store_count++;
}

void sf_graph_add_global(sf_graph *graph, const sf_graph_global *global)
{
    sf_topology_global added = {
        .options = global->store, .key = global->key, .value = global->value};
    size_t topic = sf_graph_topic(graph, global->topic);

    added.options.name = checked_name(graph, "store", global->store.name);
    check_store(graph, &added.options);
    added.processor_name = sf_arena_text(graph->arena, global->processor_name);
    added.source.name = sf_arena_text(graph->arena, global->source_name);
    added.source.kind = SF_SOURCE_NODE;
    read_topic(graph, &added.source, topic, &global->consumed);
    graph->topics[topic].is_global = true;
    graph->globals =
        sf_realloc_array(graph->globals, graph->global_count + 1, sizeof(*graph->globals));
    graph->globals[graph->global_count++] = added;
}

void sf_graph_use_store(sf_graph *graph, size_t node, size_t store)
{
    sf_index_list_add_once(&graph->nodes[node].stores, store, graph->arena);
}

void sf_graph_use_store_named(sf_graph *graph, size_t node, const char *store)
{
    sf_graph_use *use = sf_arena_alloc(graph->arena, sizeof(*use));

    *use = (sf_graph_use){graph->uses, node, checked_name(graph, "store", store)};
    graph->uses = use;
}

void sf_graph_meet(sf_graph *graph, size_t node, size_t other)
{
    sf_graph_meeting *meeting = sf_arena_alloc(graph->arena, sizeof(*meeting));

    *meeting = (sf_graph_meeting){graph->meetings, node, other};
    graph->meetings = meeting;
}
