/* describe.c - a topology as Kafka Streams prints it: nodes with the most behind them first, then by
 * name; names in sorted lists. */
#include "topology/topology_implementation.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"

typedef struct drawing {
    const sf_topology *topology;
    size_t *sizes; /* of each node: itself and all paths behind it */
} drawing;

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Takes the names, in any order. */
static void add_names(sf_buffer *text, const char **names, size_t count, const char *if_none)
{
    if (count)
        qsort(names, count, sizeof(*names), by_text);
    else
        sf_buffer_add_text(text, if_none);
    for (size_t i = 0; i < count; i++)
        sf_buffer_printf(text, "%s%s", i ? ", " : "", names[i]);
    free(names);
}

static void add_nodes(sf_buffer *text, const drawing *picture, const size_t *nodes, size_t count)
{
    const char **names = sf_realloc_array(NULL, count + 1, sizeof(*names));

    for (size_t i = 0; i < count; i++)
        names[i] = picture->topology->nodes[nodes[i]].name;
    add_names(text, names, count, "none");
}

static void add_stores(sf_buffer *text, const drawing *picture, const sf_node *node)
{
    const char **names = sf_realloc_array(NULL, node->store_count + 1, sizeof(*names));

    for (size_t i = 0; i < node->store_count; i++)
        names[i] = picture->topology->stores[node->stores[i]].options.name;
    add_names(text, names, node->store_count, "");
}

static void add_head(sf_buffer *text, const drawing *picture, const sf_node *node)
{
    const sf_topic *topics = picture->topology->topics;

    switch (node->kind) {
    case SF_SOURCE_NODE:
        sf_buffer_printf(text, "    Source: %s (topics: [%s])\n", node->name,
                         topics[node->topic].name);
        break;
    case SF_PROCESSOR_NODE:
        sf_buffer_printf(text, "    Processor: %s (stores: [", node->name);
        add_stores(text, picture, node);
        sf_buffer_add_text(text, "])\n");
        break;
    case SF_SINK_NODE:
        if (node->topic == SF_COMPUTED_TOPIC) {
            sf_buffer_printf(text, "    Sink: %s (extractor class: computed)\n", node->name);
            break;
        }
        sf_buffer_printf(text, "    Sink: %s (topic: %s)\n", node->name, topics[node->topic].name);
        break;
    }
}

static void add_node(sf_buffer *text, const drawing *picture, size_t index)
{
    const sf_node *node = &picture->topology->nodes[index];

    add_head(text, picture, node);
    if (node->kind != SF_SINK_NODE) {
        sf_buffer_add_text(text, "      --> ");
        add_nodes(text, picture, node->children, node->child_count);
        sf_buffer_add_text(text, "\n");
    }
    if (node->kind != SF_SOURCE_NODE) {
        sf_buffer_add_text(text, "      <-- ");
        add_nodes(text, picture, node->parents, node->parent_count);
        sf_buffer_add_text(text, "\n");
    }
}

static int by_size_and_name(const void *a, const void *b, void *user)
{
    const drawing *picture = user;
    size_t x = *(const size_t *)a, y = *(const size_t *)b;

    if (picture->sizes[x] != picture->sizes[y])
        return picture->sizes[x] < picture->sizes[y] ? 1 : -1;
    return strcmp(picture->topology->nodes[x].name, picture->topology->nodes[y].name);
}

static void add_subtopology(sf_buffer *text, drawing *picture, size_t index)
{
    const sf_subtopology *part = &picture->topology->subtopologies[index];
    size_t *nodes = sf_memory_copy(part->nodes, part->node_count * sizeof(*nodes));

    qsort_r(nodes, part->node_count, sizeof(*nodes), by_size_and_name, picture);
    sf_buffer_printf(text, "  Sub-topology: %zu\n", index);
    for (size_t i = 0; i < part->node_count; i++)
        add_node(text, picture, nodes[i]);
    sf_buffer_add_text(text, "\n");
    free(nodes);
}

/* As Kafka Streams shows them, behind the others. */
static void add_global(sf_buffer *text, const drawing *picture, size_t index)
{
    const sf_topology *topology = picture->topology;
    const sf_topology_global *global = &topology->globals[index];

    sf_buffer_printf(text,
                     "  Sub-topology: %zu for global store (will not generate tasks)\n"
                     "    Source: %s (topics: [%s])\n"
                     "      --> %s\n"
                     "    Processor: %s (stores: [%s])\n"
                     "      --> none\n"
                     "      <-- %s\n",
                     topology->subtopology_count + index, global->source.name,
                     topology->topics[global->source.topic].name, global->processor_name,
                     global->processor_name, global->options.name, global->source.name);
}

/* Children stand behind their parents, so one walk backwards knows all sizes. */
static void measure(drawing *picture)
{
    const sf_topology *topology = picture->topology;

    for (size_t i = topology->node_count; i > 0; i--) {
        picture->sizes[i - 1] = 1;
        for (size_t k = 0; k < topology->nodes[i - 1].child_count; k++)
            picture->sizes[i - 1] += picture->sizes[topology->nodes[i - 1].children[k]];
    }
}

char *sf_topology_describe(const sf_topology *topology)
{
    sf_buffer text = SF_BUFFER_EMPTY;
    drawing picture = {topology, NULL};

    picture.sizes = sf_realloc_array(NULL, topology->node_count, sizeof(*picture.sizes));
    measure(&picture);
    sf_buffer_add_text(&text, "Topologies:\n ");
    for (size_t i = 0; i < topology->subtopology_count; i++)
        add_subtopology(&text, &picture, i);
    for (size_t i = 0; i < topology->global_count; i++)
        add_global(&text, &picture, i);
    free(picture.sizes);
    return sf_buffer_detach(&text);
}
