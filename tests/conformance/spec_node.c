/* spec_node.c - what the makers of all nodes share. */
#include "conformance/spec_node.h"

#include <string.h>

#include "conformance/spec_json.h"

/* ---- earlier nodes ---- */

static const char *kind_name(spec_node_kind kind)
{
    switch (kind) {
    case NODE_STREAM:
        return "stream";
    case NODE_TABLE:
        return "table";
    case NODE_GLOBAL_TABLE:
        return "global table";
    case NODE_GROUPED_STREAM:
        return "grouped stream";
    case NODE_GROUPED_TABLE:
        return "grouped table";
    case NODE_COGROUPED:
        return "cogrouped stream";
    case NODE_END:
        return "node that nothing can follow";
    }
    return "?";
}

sf_status spec_node_by_id(const spec_topology *topology, const spec_node *node, const cJSON *id,
                          int kinds, const spec_node **found, sf_error *err)
{
    if (!cJSON_IsString(id))
        return sf_fail(err, SF_INVALID, "the id of an earlier node is not a text");
    for (const spec_node *other = topology->nodes; other < node; other++) {
        if (!other->id || strcmp(other->id, id->valuestring) != 0)
            continue;
        if (!(other->kind & kinds))
            return sf_fail(err, SF_INVALID, "'%s' is a %s, which does not fit here", other->id,
                           kind_name(other->kind));
        *found = other;
        return SF_OK;
    }
    return sf_fail(err, SF_INVALID, "there is no earlier node '%s'", id->valuestring);
}

sf_status spec_node_find(const spec_topology *topology, const spec_node *node, const char *field,
                         int kinds, const spec_node **found, sf_error *err)
{
    return spec_node_by_id(topology, node, cJSON_GetObjectItemCaseSensitive(node->json, field),
                           kinds, found, err);
}

/* ---- memory and names ---- */

void *spec_alloc(spec_topology *topology, size_t size)
{
    return sf_arena_zalloc(topology->arena, size);
}

const char *spec_node_name(spec_topology *topology, const spec_node *node, const char *word)
{
    return sf_arena_printf(topology->arena, "%s-%s", node->id, word);
}

/* ---- stores and topics ---- */

static sf_status read_store(const cJSON *store, sf_materialized *materialized, sf_error *err)
{
    bool caching = true;
    bool logging = true;
    sf_status status =
        spec_fields(store, "store", "",
                    "name history_ms segment_ms retention_ms in_memory caching logging", err);

    if (!status)
        status = spec_read_text(store, "name", &materialized->name, err);
    if (!status)
        status = spec_read_natural(store, "history_ms", &materialized->history_ms, err);
    if (!status)
        status = spec_read_natural(store, "segment_ms", &materialized->segment_ms, err);
    if (!status)
        status = spec_read_natural(store, "retention_ms", &materialized->retention_ms, err);
    if (!status)
        status = spec_read_flag(store, "in_memory", &materialized->in_memory, err);
    if (!status)
        status = spec_read_flag(store, "caching", &caching, err);
    if (!status)
        status = spec_read_flag(store, "logging", &logging, err);
    materialized->caching_off = !caching;
    materialized->logging_off = !logging;
    return status;
}

static void remember_store(spec_topology *topology, const spec_node *node, sf_store_kind kind,
                           const sf_materialized *materialized)
{
    spec_store *stores =
        spec_alloc(topology, (topology->store_count + 1) * sizeof(*topology->stores));

    if (topology->store_count)
        memcpy(stores, topology->stores, topology->store_count * sizeof(*stores));
    stores[topology->store_count++] = (spec_store){
        .name = materialized->name,
        .kind = materialized->history_ms ? SF_VERSIONED_STORE : kind,
        .key = node->key,
        .value = node->value,
    };
    topology->stores = stores;
}

sf_status spec_node_store(spec_topology *topology, const spec_node *node, sf_store_kind kind,
                          sf_materialized *materialized, bool *is_given, sf_error *err)
{
    const cJSON *store = cJSON_GetObjectItemCaseSensitive(node->json, "store");
    sf_status status = SF_OK;

    *materialized = (sf_materialized){0};
    *is_given = store != NULL;
    if (store)
        status = read_store(store, materialized, err);
    if (status)
        return status;
    materialized->key =
        kind == SF_KEY_VALUE_STORE ? spec_key_serde(node->key) : spec_serde(node->key.type);
    materialized->value = spec_serde(node->value);
    if (materialized->name)
        remember_store(topology, node, kind, materialized);
    else
        materialized->name = spec_node_name(topology, node, "store");
    return SF_OK;
}

const sf_materialized *spec_node_kept(const spec_node *node, bool is_given,
                                      sf_materialized *materialized)
{
    if (is_given || node->rows_are_needed)
        return materialized;
    materialized->caching_off = true;
    return node->changes_are_needed ? materialized : NULL;
}

sf_status spec_node_add_topic(spec_topology *topology, const spec_node *node, bool is_source,
                              const char **name, sf_error *err)
{
    spec_topic *topics;
    sf_status status = spec_read_text(node->json, "topic", name, err);

    if (status)
        return status;
    if (spec_topology_topic(topology, *name, is_source))
        return sf_fail(err, SF_INVALID, "the topic '%s' is %s twice", *name,
                       is_source ? "read" : "written");
    topics = spec_alloc(topology, (topology->topic_count + 1) * sizeof(*topics));
    if (topology->topic_count)
        memcpy(topics, topology->topics, topology->topic_count * sizeof(*topics));
    topics[topology->topic_count++] = (spec_topic){*name, node->key, node->value, is_source};
    topology->topics = topics;
    return SF_OK;
}

sf_status spec_node_read_source(spec_topology *topology, spec_node *node, sf_consumed *consumed,
                                const char **topic, sf_error *err)
{
    sf_status status = spec_read_type(node->json, "key", &node->key.type, err);

    if (!status)
        status = spec_read_type(node->json, "value", &node->value, err);
    if (!status)
        status = spec_node_add_topic(topology, node, true, topic, err);
    *consumed = (sf_consumed){.key = spec_key_serde(node->key), .value = spec_serde(node->value)};
    return status;
}

/* ---- functions of two values ---- */

sf_status spec_node_combine(spec_topology *topology, const spec_node *node, const char *field,
                            spec_type a, spec_type b, spec_combine **combine, sf_error *err)
{
    const cJSON *json = cJSON_GetObjectItemCaseSensitive(node->json, field);

    if (!json)
        return sf_fail(err, SF_INVALID, "the field '%s' is missing", field);
    *combine = spec_alloc(topology, sizeof(**combine));
    return spec_combine_read(json, field, a, b, *combine, err);
}

sf_status spec_join_values(void *user, sf_arena *arena, const sf_record *left, sf_bytes right,
                           sf_bytes *result, sf_error *err)
{
    return spec_combine_apply(user, left->value, right, arena, result, err);
}

sf_status spec_fold_value(void *user, sf_arena *arena, const sf_record *record, sf_bytes *aggregate,
                          sf_error *err)
{
    return spec_combine_apply(user, *aggregate, record->value, arena, aggregate, err);
}
