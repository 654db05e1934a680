/* spec_group.c - nodes that say what belongs together: group and cogroup. */
#include "conformance/spec_json.h"
#include "conformance/spec_node.h"

/* ---- group ---- */

typedef struct spec_grouping {
    bool has_value;
    spec_take key;
    spec_take value;
} spec_grouping;

static sf_status select_group(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                              sf_error *err)
{
    const spec_grouping *grouping = user;
    sf_status status = spec_take_apply(&grouping->key, in, 0, arena, &out->key, err);

    if (!status && grouping->has_value)
        status = spec_take_apply(&grouping->value, in, 0, arena, &out->value, err);
    return status;
}

static sf_status read_takes(spec_topology *topology, spec_node *node, const spec_node *from,
                            spec_grouping *grouping, sf_error *err)
{
    const cJSON *key = cJSON_GetObjectItemCaseSensitive(node->json, "key");
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(node->json, "value");
    sf_status status = SF_OK;

    node->key = from->key;
    node->value = from->value;
    if (key)
        status = spec_take_read(key, "key", from->key, from->value, false, topology->arena,
                                &grouping->key, err);
    if (!status && value)
        status = spec_take_read(value, "value", from->key, from->value, false, topology->arena,
                                &grouping->value, err);
    if (status)
        return status;
    if (key)
        node->key = grouping->key.result;
    if (value)
        node->value = grouping->value.result.type;
    if (node->key.is_windowed || grouping->value.result.is_windowed)
        return sf_fail(err, SF_INVALID, "there are no groups of windowed keys");
    grouping->has_value = value;
    return SF_OK;
}

static void group_stream(spec_topology *topology, spec_node *node, const spec_node *from,
                         spec_grouping *grouping)
{
    const char *name = spec_node_name(topology, node, "group");
    sf_grouped *grouped;

    if (cJSON_GetObjectItemCaseSensitive(node->json, "key"))
        grouped = sf_stream_group_by(from->stream, select_group, grouping, name);
    else
        grouped = sf_stream_group_by_key(from->stream, name);
    node->kind = NODE_GROUPED_STREAM;
    node->grouped = sf_grouped_as(grouped, spec_key_serde(node->key), spec_serde(node->value));
}

static void group_table(spec_topology *topology, spec_node *node, const spec_node *from,
                        spec_grouping *grouping)
{
    sf_table_grouped *grouped = sf_table_group_by(from->table, select_group, grouping,
                                                  spec_node_name(topology, node, "group"));

    node->kind = NODE_GROUPED_TABLE;
    node->table_grouped =
        sf_table_grouped_as(grouped, spec_key_serde(node->key), spec_serde(node->value));
}

sf_status spec_make_group(spec_topology *topology, spec_node *node, sf_error *err)
{
    const spec_node *from;
    spec_grouping *grouping = spec_alloc(topology, sizeof(*grouping));
    sf_status status = spec_node_find(topology, node, "from", NODE_STREAM | NODE_TABLE, &from, err);

    if (!status)
        status = read_takes(topology, node, from, grouping, err);
    if (status)
        return status;
    if (from->kind == NODE_STREAM && grouping->has_value)
        return sf_fail(err, SF_INVALID, "a grouped stream takes no value");
    if (from->kind == NODE_STREAM)
        group_stream(topology, node, from, grouping);
    else if (!grouping->has_value || !cJSON_GetObjectItemCaseSensitive(node->json, "key"))
        return sf_fail(err, SF_INVALID, "a table is grouped by a key and a value");
    else
        group_table(topology, node, from, grouping);
    return SF_OK;
}

/* ---- cogroup ---- */

static sf_status read_part(spec_topology *topology, spec_node *node, const cJSON *json,
                           sf_error *err)
{
    const spec_node *group;
    sf_status status = spec_fields(json, "a group", "from aggregator", "", err);

    if (!status)
        status = spec_node_by_id(topology, node, cJSON_GetObjectItemCaseSensitive(json, "from"),
                                 NODE_GROUPED_STREAM, &group, err);
    if (status)
        return status;
    if (!node->part_count)
        node->key = group->key;
    if (group->key.type != node->key.type)
        return sf_fail(err, SF_INVALID, "'%s' has keys of another type", group->id);
    node->part_functions[node->part_count] = cJSON_GetObjectItemCaseSensitive(json, "aggregator");
    node->parts[node->part_count++] = group;
    return SF_OK;
}

/* What it becomes is known with the aggregate: its type is the initializer's. */
sf_status spec_make_cogroup(spec_topology *topology, spec_node *node, sf_error *err)
{
    const cJSON *groups = cJSON_GetObjectItemCaseSensitive(node->json, "groups");
    const cJSON *group;
    size_t count = (size_t)cJSON_GetArraySize(groups);
    sf_status status = SF_OK;

    if (!cJSON_IsArray(groups) || !count)
        return sf_fail(err, SF_INVALID, "'groups' is not a list of groups");
    node->kind = NODE_COGROUPED;
    node->parts = spec_alloc(topology, count * sizeof(*node->parts));
    node->part_functions = spec_alloc(topology, count * sizeof(*node->part_functions));
    cJSON_ArrayForEach(group, groups)
    {
        if (!status)
            status = read_part(topology, node, group, err);
    }
    return status;
}
