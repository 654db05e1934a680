/* graph_build.c - from a graph to a topology.
 *
 *   1 stores wanted by name are found
 *   2 nodes that are linked, or share a store, are one sub-topology
 *   3 sub-topologies are numbered by the sorted names of their sources
 *   4 topics that meet are put together; all is laid out in the arena
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "topology/fingerprint.h"
#include "topology/graph_implementation.h"
#include "topology/index_sets.h"

typedef struct layout {
    sf_graph *graph;
    sf_topology *topology;
    sf_subtopology *subtopologies;
    sf_index_sets together; /* nodes of one sub-topology */
    sf_index_sets groups;   /* topics that must agree */
    sf_index_sets company;  /* topics that meet at a store */
} layout;

static void find_stores(sf_graph *graph)
{
    for (const sf_graph_use *use = graph->uses; use; use = use->next) {
        size_t store = 0;

        while (store < graph->store_count && strcmp(graph->stores[store].options.name, use->store))
            store++;
        if (store < graph->store_count)
            sf_graph_use_store(graph, use->node, store);
        else
            sf_graph_fail(graph, "'%s' uses the store '%s', which is not there",
                          graph->nodes[use->node].node.name, use->store);
    }
}

static void check_names(sf_graph *graph)
{
    for (size_t i = 0; i < graph->node_count; i++)
        for (size_t j = 0; j < i; j++)
            if (!strcmp(graph->nodes[i].node.name, graph->nodes[j].node.name))
                sf_graph_fail(graph, "two operators are called '%s'", graph->nodes[i].node.name);
    if (!graph->node_count)
        sf_graph_fail(graph, "nothing is read: a topology needs a stream or a table");
}

/* ---- 2: what belongs together ---- */

static void join_nodes(layout *plan)
{
    const sf_graph *graph = plan->graph;

    for (size_t i = 0; i < graph->node_count; i++)
        for (size_t k = 0; k < graph->nodes[i].children.count; k++)
            sf_index_sets_join(&plan->together, i, graph->nodes[i].children.items[k]);
    for (size_t store = 0; store < graph->store_count; store++) {
        size_t first = graph->node_count;

        for (size_t i = 0; i < graph->node_count; i++) {
            if (!sf_index_list_has(&graph->nodes[i].stores, store))
                continue;
            if (first < graph->node_count)
                sf_index_sets_join(&plan->together, first, i);
            else
                first = i;
        }
        if (first == graph->node_count)
            sf_graph_fail(plan->graph, "no operator uses the store '%s'",
                          graph->stores[store].options.name);
    }
}

/* ---- 3: numbers ---- */

static int by_name(const void *a, const void *b, void *user)
{
    const sf_graph *graph = user;

    return strcmp(graph->nodes[*(const size_t *)a].node.name,
                  graph->nodes[*(const size_t *)b].node.name);
}

static sf_index_list sorted_sources(const sf_graph *graph)
{
    sf_index_list sources = {0};

    for (size_t i = 0; i < graph->node_count; i++)
        if (graph->nodes[i].node.kind == SF_SOURCE_NODE)
            sf_index_list_add(&sources, i, graph->arena);
    if (sources.count)
        qsort_r(sources.items, sources.count, sizeof(size_t), by_name, (void *)graph);
    return sources;
}

static size_t number_subtopologies(layout *plan)
{
    sf_graph *graph = plan->graph;
    sf_index_list sources = sorted_sources(graph);
    sf_index_list roots = {0};

    for (size_t i = 0; i < sources.count; i++)
        sf_index_list_add_once(&roots, sf_index_sets_find(&plan->together, sources.items[i]),
                               graph->arena);
    for (size_t i = 0; i < graph->node_count; i++)
        for (size_t k = 0; k < roots.count; k++)
            if (roots.items[k] == sf_index_sets_find(&plan->together, i))
                graph->nodes[i].node.subtopology = k;
    return roots.count;
}

/* ---- 4: topics that meet ---- */

static void collect_sources(const sf_graph *graph, size_t node, sf_index_list *topics)
{
    const sf_graph_node *at = &graph->nodes[node];

    if (at->node.kind == SF_SOURCE_NODE)
        sf_index_list_add_once(topics, at->node.topic, graph->arena);
    for (size_t i = 0; i < at->parents.count; i++)
        collect_sources(graph, at->parents.items[i], topics);
}

static void join_all(sf_index_sets *sets, const sf_index_list *topics)
{
    for (size_t i = 1; i < topics->count; i++)
        sf_index_sets_join(sets, topics->items[0], topics->items[i]);
}

static void join_topics(layout *plan)
{
    const sf_graph *graph = plan->graph;

    for (const sf_graph_meeting *met = graph->meetings; met; met = met->next) {
        sf_index_list topics = {0};

        collect_sources(graph, met->node, &topics);
        collect_sources(graph, met->other, &topics);
        join_all(&plan->groups, &topics);
        join_all(&plan->company, &topics);
    }
    for (size_t store = 0; store < graph->store_count; store++) {
        sf_index_list topics = {0};

        for (size_t i = 0; i < graph->node_count; i++)
            if (sf_index_list_has(&graph->nodes[i].stores, store))
                collect_sources(graph, i, &topics);
        join_all(&plan->company, &topics);
    }
}

static void check_agreed_counts(layout *plan)
{
    const sf_graph *graph = plan->graph;

    for (size_t i = 0; i < graph->topic_count; i++)
        for (size_t j = 0; j < i; j++)
            if (graph->topics[i].partitions && graph->topics[j].partitions &&
                graph->topics[i].partitions != graph->topics[j].partitions &&
                sf_index_sets_find(&plan->groups, i) == sf_index_sets_find(&plan->groups, j))
                sf_graph_fail(plan->graph,
                              "'%s' with %d partitions and '%s' with %d are joined: they need "
                              "equal partition counts",
                              graph->topics[j].name, graph->topics[j].partitions,
                              graph->topics[i].name, graph->topics[i].partitions);
}

/* ---- laying out ---- */

static void lay_out_nodes(layout *plan)
{
    sf_graph *graph = plan->graph;
    sf_node *nodes = sf_arena_alloc(graph->arena, graph->node_count * sizeof(*nodes));

    for (size_t i = 0; i < graph->node_count; i++) {
        const sf_graph_node *from = &graph->nodes[i];

        nodes[i] = from->node;
        nodes[i].children = from->children.items;
        nodes[i].child_count = from->children.count;
        nodes[i].parents = from->parents.items;
        nodes[i].parent_count = from->parents.count;
        nodes[i].stores = from->stores.items;
        nodes[i].store_count = from->stores.count;
        if (from->node.kind == SF_SOURCE_NODE) {
            graph->topics[from->node.topic].subtopology = from->node.subtopology;
            if (from->node.on_error == SF_ON_ERROR_DEAD_LETTER)
                plan->topology->has_dead_letters = true;
        }
        for (size_t k = 0; k < from->stores.count; k++)
            graph->stores[from->stores.items[k]].subtopology = from->node.subtopology;
    }
    plan->topology->nodes = nodes;
    plan->topology->node_count = graph->node_count;
}

static void *copy_array(sf_arena *arena, const void *array, size_t size)
{
    return size ? memcpy(sf_arena_alloc(arena, size), array, size) : NULL;
}

static void lay_out_topics_and_stores(layout *plan)
{
    sf_graph *graph = plan->graph;

    for (size_t i = 0; i < graph->topic_count; i++) {
        graph->topics[i].group = sf_index_sets_find(&plan->groups, i);
        graph->topics[i].company = sf_index_sets_find(&plan->company, i);
    }
    plan->topology->topics =
        copy_array(graph->arena, graph->topics, graph->topic_count * sizeof(*graph->topics));
    plan->topology->topic_count = graph->topic_count;
    plan->topology->stores =
        copy_array(graph->arena, graph->stores, graph->store_count * sizeof(*graph->stores));
    plan->topology->store_count = graph->store_count;
    plan->topology->globals =
        copy_array(graph->arena, graph->globals, graph->global_count * sizeof(*graph->globals));
    plan->topology->global_count = graph->global_count;
}

static int by_topic_name(const void *a, const void *b, void *user)
{
    const sf_topology *topology = user;

    return strcmp(topology->topics[topology->nodes[*(const size_t *)a].topic].name,
                  topology->topics[topology->nodes[*(const size_t *)b].topic].name);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names are hashed in order, so that neither a new operator nor another order of the program
 * changes who a sub-topology is. */
static const char *identity_of(const layout *plan, const sf_subtopology *part)
{
    size_t count = part->input_count + part->store_count;
    const char **names = sf_realloc_array(NULL, count + 1, sizeof(*names));
    sf_fingerprint hash = SF_FINGERPRINT_EMPTY;

    for (size_t i = 0; i < part->input_count; i++)
        names[i] = plan->topology->topics[part->inputs[i]].name;
    for (size_t i = 0; i < part->store_count; i++)
        names[part->input_count + i] = plan->topology->stores[part->stores[i]].options.name;
    qsort(names + part->input_count, part->store_count, sizeof(*names), compare_texts);
    for (size_t i = 0; i < part->input_count; i++)
        sf_fingerprint_add(&hash, names[i]);
    sf_fingerprint_add(&hash, "");
    for (size_t i = part->input_count; i < count; i++)
        sf_fingerprint_add(&hash, names[i]);
    free(names);
    return sf_arena_printf(plan->graph->arena, "%016llx", (unsigned long long)hash);
}

static void lay_out_subtopology(layout *plan, size_t index)
{
    const sf_topology *topology = plan->topology;
    sf_arena *arena = plan->graph->arena;
    sf_subtopology *part = &plan->subtopologies[index];
    sf_index_list nodes = {0}, sources = {0}, inputs = {0}, outputs = {0}, stores = {0};

    for (size_t i = 0; i < topology->node_count; i++) {
        const sf_node *node = &topology->nodes[i];

        if (node->subtopology != index)
            continue;
        sf_index_list_add(&nodes, i, arena);
        if (node->kind == SF_SOURCE_NODE)
            sf_index_list_add(&sources, i, arena);
        if (node->kind == SF_SINK_NODE && node->topic != SF_COMPUTED_TOPIC)
            sf_index_list_add_once(&outputs, node->topic, arena);
        for (size_t k = 0; k < node->store_count; k++)
            sf_index_list_add_once(&stores, node->stores[k], arena);
    }
    qsort_r(sources.items, sources.count, sizeof(size_t), by_topic_name, (void *)topology);
    for (size_t i = 0; i < sources.count; i++)
        sf_index_list_add(&inputs, topology->nodes[sources.items[i]].topic, arena);
    *part = (sf_subtopology){
        .inputs = inputs.items,
        .input_count = inputs.count,
        .sources = sources.items,
        .outputs = outputs.items,
        .output_count = outputs.count,
        .nodes = nodes.items,
        .node_count = nodes.count,
        .stores = stores.items,
        .store_count = stores.count,
    };
    part->identity = identity_of(plan, part);
}

static void lay_out(layout *plan, size_t subtopology_count)
{
    lay_out_nodes(plan);
    lay_out_topics_and_stores(plan);
    plan->subtopologies =
        sf_arena_zalloc(plan->graph->arena, subtopology_count * sizeof(*plan->subtopologies));
    plan->topology->subtopologies = plan->subtopologies;
    plan->topology->subtopology_count = subtopology_count;
    for (size_t i = 0; i < subtopology_count; i++)
        lay_out_subtopology(plan, i);
}

static void make(layout *plan)
{
    sf_index_sets_init(&plan->together, plan->graph->node_count);
    sf_index_sets_init(&plan->groups, plan->graph->topic_count);
    sf_index_sets_init(&plan->company, plan->graph->topic_count);
    join_nodes(plan);
    join_topics(plan);
    check_agreed_counts(plan);
    if (!plan->graph->misuse.status)
        lay_out(plan, number_subtopologies(plan));
    sf_index_sets_done(&plan->together);
    sf_index_sets_done(&plan->groups);
    sf_index_sets_done(&plan->company);
}

sf_status sf_graph_build(sf_graph *graph, sf_topology **topology, sf_error *err)
{
    layout plan = {.graph = graph};

    if (!graph->arena)
        return sf_fail(err, SF_CLOSED, "a builder builds once");
    find_stores(graph);
    check_names(graph);
    if (!graph->misuse.status) {
        plan.topology = sf_zalloc(sizeof(*plan.topology));
        make(&plan);
    }
    if (graph->misuse.status) {
        free(plan.topology);
        return sf_fail(err, SF_INVALID, "%s", graph->misuse.text);
    }
    plan.topology->arena = graph->arena;
    graph->arena = NULL;
    *topology = plan.topology;
    return SF_OK;
}
