/* spec_topology.c - the list of nodes, one after the other. */
#include "conformance/spec_topology.h"

#include <stdlib.h>
#include <string.h>

#include "conformance/spec_json.h"
#include "conformance/spec_node.h"

typedef struct node_form {
    const char *op;
    const char *required;
    const char *optional;
    spec_maker make;
} node_form;

static const node_form forms[] = {
    {"stream", "op id topic key value", "", spec_make_stream},
    {"table", "op id topic key value", "store", spec_make_table},
    {"global_table", "op id topic key value", "", spec_make_global_table},
    {"store_calls", "op id topic key value store", "", spec_make_store_calls},
    {"map", "op id from", "key value", spec_make_map},
    {"flat_map", "op id from copies key value", "", spec_make_flat_map},
    {"filter", "op id from where", "negate", spec_make_filter},
    {"merge", "op id from", "", spec_make_merge},
    {"repartition", "op id from", "", spec_make_repartition},
    {"to_table", "op id from", "store", spec_make_to_table},
    {"to_stream", "op id from", "", spec_make_to_stream},
    {"to", "op from topic", "", spec_make_to},
    {"group", "op id from", "key value", spec_make_group},
    {"cogroup", "op id groups", "", spec_make_cogroup},
    {"count", "op id from", "window emit store", spec_make_count},
    {"reduce", "op id from", "window emit store reducer adder subtractor", spec_make_reduce},
    {"aggregate", "op id from initializer", "window emit store aggregator merger adder subtractor",
     spec_make_aggregate},
    {"suppress", "op id from until", "limit_ms buffer", spec_make_suppress},
    {"join_stream_stream", "op id kind left right window joiner", "", spec_make_join_stream_stream},
    {"join_stream_table", "op id kind left right joiner", "grace_ms", spec_make_join_stream_table},
    {"join_stream_global", "op id kind left right lookup_key joiner", "",
     spec_make_join_stream_global},
    {"join_foreign_key", "op id kind left right foreign_key joiner", "store",
     spec_make_join_foreign_key},
    {"join_table_table", "op id kind left right joiner", "store", spec_make_join_table_table},
};

/* ---- which tables are asked for their rows ---- */

static spec_node *find_node(spec_topology *topology, const cJSON *id)
{
    for (size_t i = 0; cJSON_IsString(id) && i < topology->node_count; i++)
        if (topology->nodes[i].id && !strcmp(topology->nodes[i].id, id->valuestring))
            return &topology->nodes[i];
    return NULL;
}

static void need_rows(spec_topology *topology, const spec_node *node, const char *field)
{
    spec_node *from = find_node(topology, cJSON_GetObjectItemCaseSensitive(node->json, field));

    if (from)
        from->rows_are_needed = true;
}

static void need_changes(spec_topology *topology, const spec_node *node, const char *field)
{
    spec_node *from = find_node(topology, cJSON_GetObjectItemCaseSensitive(node->json, field));

    if (from)
        from->changes_are_needed = true;
}

/* From the last node to the first, since a table without rows of its own needs those before it. */
static void find_needed_rows(spec_topology *topology)
{
    for (size_t i = topology->node_count; i--;) {
        const spec_node *node = &topology->nodes[i];
        const cJSON *op = cJSON_GetObjectItemCaseSensitive(node->json, "op");
        const char *word = cJSON_IsString(op) ? op->valuestring : "";
        bool joins_tables = !strcmp(word, "join_table_table") || !strcmp(word, "join_foreign_key");

        if (joins_tables)
            need_rows(topology, node, "left");
        if (joins_tables || !strcmp(word, "join_stream_table"))
            need_rows(topology, node, "right");
        if (!strcmp(word, "group") || node->rows_are_needed)
            need_rows(topology, node, "from");
        if (!strcmp(word, "suppress") || node->changes_are_needed)
            need_changes(topology, node, "from");
    }
}

/* ---- making ---- */

static const node_form *find_form(const char *op)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
        if (op && !strcmp(forms[i].op, op))
            return &forms[i];
    return NULL;
}

static sf_status check_id(const spec_topology *topology, const spec_node *node, sf_error *err)
{
    for (const spec_node *other = topology->nodes; other < node && node->id; other++)
        if (other->id && !strcmp(other->id, node->id))
            return sf_fail(err, SF_INVALID, "the id '%s' is taken", node->id);
    return SF_OK;
}

static sf_status make_node(spec_topology *topology, spec_node *node, sf_error *err)
{
    const char *op = NULL;
    const node_form *form;
    sf_status status = spec_read_text(node->json, "op", &op, err);

    if (status)
        return status;
    form = find_form(op);
    if (!form)
        return sf_fail(err, SF_INVALID, "%s: unknown op '%s'", node->what, op ? op : "");
    node->what = sf_arena_printf(topology->arena, "%s %s", node->what, op);
    status = spec_fields(node->json, "the node", form->required, form->optional, err);
    if (!status)
        status = check_id(topology, node, err);
    if (!status)
        status = form->make(topology, node, err);
    return status ? sf_error_prefix(err, status, "%s", node->what) : SF_OK;
}

static sf_status list_nodes(spec_topology *topology, const cJSON *list, sf_error *err)
{
    const cJSON *json;
    sf_status status = SF_OK;

    if (!cJSON_IsArray(list) || !cJSON_GetArraySize(list))
        return sf_fail(err, SF_INVALID, "the spec has no list of nodes");
    topology->nodes = spec_alloc(topology, (size_t)cJSON_GetArraySize(list) * sizeof(spec_node));
    cJSON_ArrayForEach(json, list)
    {
        spec_node *node = &topology->nodes[topology->node_count];

        node->json = json;
        node->what = sf_arena_printf(topology->arena, "nodes[%zu]", topology->node_count);
        if (!status)
            status = spec_read_text(json, "id", &node->id, err);
        topology->node_count++;
    }
    return status;
}

static sf_status make_nodes(spec_topology *topology, const cJSON *spec, sf_error *err)
{
    const cJSON *config = cJSON_GetObjectItemCaseSensitive(spec, "config");
    bool optimizes = false;
    sf_status status = spec_read_flag(config, "optimize", &optimizes, err);

    if (!status)
        status = list_nodes(topology, cJSON_GetObjectItemCaseSensitive(spec, "nodes"), err);
    if (status)
        return status;
    if (optimizes)
        sf_builder_optimize(topology->builder);
    find_needed_rows(topology);
    for (size_t i = 0; i < topology->node_count && !status; i++)
        status = make_node(topology, &topology->nodes[i], err);
    return status;
}

sf_status spec_topology_make(const cJSON *spec, spec_topology **made, sf_error *err)
{
    sf_arena *arena = sf_arena_new();
    spec_topology *topology = sf_arena_zalloc(arena, sizeof(*topology));
    sf_status status = spec_fields(spec, "spec", "nodes", "config", err);

    topology->arena = arena;
    topology->builder = sf_builder_new();
    if (!status)
        status = make_nodes(topology, spec, err);
    if (!status)
        status = sf_builder_build(topology->builder, &topology->topology, err);
    *made = topology;
    return status;
}

void spec_topology_free(spec_topology *topology)
{
    if (!topology)
        return;
    sf_topology_free(topology->topology);
    sf_builder_free(topology->builder);
    free(topology->puts.items);
    sf_arena_free(topology->arena);
}

const spec_topic *spec_topology_topic(const spec_topology *topology, const char *name,
                                      bool is_source)
{
    for (size_t i = 0; i < topology->topic_count; i++)
        if (topology->topics[i].is_source == is_source && !strcmp(topology->topics[i].name, name))
            return &topology->topics[i];
    return NULL;
}

const spec_store *spec_topology_store(const spec_topology *topology, const char *name)
{
    if (!name)
        return topology->store_count == 1 ? &topology->stores[0] : NULL;
    for (size_t i = 0; i < topology->store_count; i++)
        if (!strcmp(topology->stores[i].name, name))
            return &topology->stores[i];
    return NULL;
}
