/* spec_stateless.c - nodes that keep nothing: map, filter, merge, and the ways between streams,
 * tables and topics. */
#include "conformance/spec_json.h"
#include "conformance/spec_node.h"
#include "conformance/spec_where.h"

/* ---- map and flat_map ---- */

typedef struct spec_mapping {
    bool has_key;
    bool has_value;
    spec_take key;
    spec_take value;
    bool copies_by_key; /* a whole number of this type */
    spec_type copies_type;
    int64_t copies;
} spec_mapping;

static sf_status read_mapping(spec_topology *topology, spec_node *node, const spec_node *from,
                              bool is_flat, spec_mapping **read, sf_error *err)
{
    spec_mapping *made = spec_alloc(topology, sizeof(*made));
    const cJSON *key = cJSON_GetObjectItemCaseSensitive(node->json, "key");
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(node->json, "value");
    sf_status status = SF_OK;

    *read = made;
    made->has_key = key;
    made->has_value = value;
    node->key = from->key;
    node->value = from->value;
    if (!key && !value)
        return sf_fail(err, SF_INVALID, "there is neither a key nor a value");
    if (key)
        status = spec_take_read(key, "key", from->key, from->value, is_flat, topology->arena,
                                &made->key, err);
    if (!status && value)
        status = spec_take_read(value, "value", from->key, from->value, is_flat, topology->arena,
                                &made->value, err);
    if (status)
        return status;
    if (value && made->value.result.is_windowed)
        return sf_fail(err, SF_INVALID, "a windowed key cannot become a value");
    if (key)
        node->key = made->key.result;
    if (value)
        node->value = made->value.result.type;
    return SF_OK;
}

static sf_status map_copy(const spec_mapping *mapping, int64_t copy, sf_arena *arena,
                          const sf_record *in, sf_record *out, sf_error *err)
{
    sf_status status = SF_OK;

    if (mapping->has_key)
        status = spec_take_apply(&mapping->key, in, copy, arena, &out->key, err);
    if (!status && mapping->has_value)
        status = spec_take_apply(&mapping->value, in, copy, arena, &out->value, err);
    return status;
}

static sf_status map_record(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                            sf_error *err)
{
    return map_copy(user, 0, arena, in, out, err);
}

static sf_stream *with_serdes_of(const spec_node *node, sf_stream *stream)
{
    return sf_stream_as(stream, spec_key_serde(node->key), spec_serde(node->value));
}

sf_status spec_make_map(spec_topology *topology, spec_node *node, sf_error *err)
{
    const spec_node *from;
    spec_mapping *mapping;
    sf_status status = spec_node_find(topology, node, "from", NODE_STREAM, &from, err);

    if (!status)
        status = read_mapping(topology, node, from, false, &mapping, err);
    if (status)
        return status;
    node->kind = NODE_STREAM;
    node->stream = with_serdes_of(
        node, mapping->has_key ? sf_stream_map(from->stream, map_record, mapping)
                               : sf_stream_map_values(from->stream, map_record, mapping));
    return SF_OK;
}

static sf_status flat_map_record(void *user, sf_context *context, const sf_record *in,
                                 sf_error *err)
{
    const spec_mapping *mapping = user;
    int64_t copies = mapping->copies;
    sf_status status = SF_OK;

    if (mapping->copies_by_key)
        copies = sf_bytes_is_null(in->key) ? 0 : spec_value_whole(in->key, mapping->copies_type);
    for (int64_t i = 0; i < copies && !status; i++) {
        sf_record out = *in;

        status = map_copy(mapping, i, sf_context_arena(context), in, &out, err);
        if (!status)
            status = sf_context_forward(context, &out, err);
    }
    return status;
}

static sf_status read_copies(const spec_node *node, const spec_node *from, spec_mapping *mapping,
                             sf_error *err)
{
    const cJSON *copies = cJSON_GetObjectItemCaseSensitive(node->json, "copies");
    int choice;

    if (!cJSON_IsString(copies))
        return spec_read_natural(node->json, "copies", &mapping->copies, err);
    if (from->key.is_windowed || (from->key.type != SPEC_INT && from->key.type != SPEC_LONG))
        return sf_fail(err, SF_INVALID, "as many copies as the key says wants a whole number");
    mapping->copies_by_key = true;
    mapping->copies_type = from->key.type;
    return spec_read_word(node->json, "copies", "key", &choice, err);
}

sf_status spec_make_flat_map(spec_topology *topology, spec_node *node, sf_error *err)
{
    const spec_node *from;
    spec_mapping *mapping;
    sf_status status = spec_node_find(topology, node, "from", NODE_STREAM, &from, err);

    if (!status)
        status = read_mapping(topology, node, from, true, &mapping, err);
    if (!status)
        status = read_copies(node, from, mapping, err);
    if (status)
        return status;
    node->kind = NODE_STREAM;
    node->stream = with_serdes_of(node, sf_stream_flat_map(from->stream, flat_map_record, mapping));
    return SF_OK;
}

/* ---- filter and merge ---- */

static void filter_stream(spec_node *node, const spec_node *from, spec_where *where, bool negate)
{
    node->stream = negate ? sf_stream_filter_not(from->stream, spec_where_holds, where)
                          : sf_stream_filter(from->stream, spec_where_holds, where);
}

static void filter_table(spec_node *node, const spec_node *from, spec_where *where, bool negate)
{
    node->table = negate ? sf_table_filter_not(from->table, spec_where_holds, where, NULL)
                         : sf_table_filter(from->table, spec_where_holds, where, NULL);
}

sf_status spec_make_filter(spec_topology *topology, spec_node *node, sf_error *err)
{
    const spec_node *from;
    spec_where *where = spec_alloc(topology, sizeof(*where));
    bool negate = false;
    sf_status status = spec_node_find(topology, node, "from", NODE_STREAM | NODE_TABLE, &from, err);

    if (!status)
        status = spec_where_read(cJSON_GetObjectItemCaseSensitive(node->json, "where"), "where",
                                 from->key, from->value, where, err);
    if (!status)
        status = spec_read_flag(node->json, "negate", &negate, err);
    if (status)
        return status;
    node->kind = from->kind;
    node->key = from->key;
    node->value = from->value;
    if (from->kind == NODE_STREAM)
        filter_stream(node, from, where, negate);
    else
        filter_table(node, from, where, negate);
    return SF_OK;
}

static sf_status merge_one(spec_topology *topology, spec_node *node, const cJSON *id, sf_error *err)
{
    const spec_node *other;
    sf_status status = spec_node_by_id(topology, node, id, NODE_STREAM, &other, err);

    if (status)
        return status;
    if (!node->stream) {
        node->stream = other->stream;
        node->key = other->key;
        node->value = other->value;
        return SF_OK;
    }
    if (other->key.type != node->key.type || other->key.is_windowed != node->key.is_windowed ||
        other->value != node->value)
        return sf_fail(err, SF_INVALID, "'%s' has other types", other->id);
    node->stream = sf_stream_merge(node->stream, other->stream);
    return SF_OK;
}

sf_status spec_make_merge(spec_topology *topology, spec_node *node, sf_error *err)
{
    const cJSON *ids = cJSON_GetObjectItemCaseSensitive(node->json, "from");
    const cJSON *id;
    sf_status status = SF_OK;

    if (!cJSON_IsArray(ids) || cJSON_GetArraySize(ids) < 2)
        return sf_fail(err, SF_INVALID, "'from' is not a list of at least two");
    node->kind = NODE_STREAM;
    cJSON_ArrayForEach(id, ids)
    {
        if (!status)
            status = merge_one(topology, node, id, err);
    }
    return status;
}

/* ---- through topics, between streams and tables ---- */

static sf_status follow(spec_topology *topology, spec_node *node, int kinds, spec_node_kind kind,
                        const spec_node **from, sf_error *err)
{
    sf_status status = spec_node_find(topology, node, "from", kinds, from, err);

    if (status)
        return status;
    node->kind = kind;
    node->key = (*from)->key;
    node->value = (*from)->value;
    return SF_OK;
}

sf_status spec_make_repartition(spec_topology *topology, spec_node *node, sf_error *err)
{
    const spec_node *from;
    sf_status status = follow(topology, node, NODE_STREAM, NODE_STREAM, &from, err);

    if (!status)
        node->stream =
            sf_stream_repartition(from->stream, spec_node_name(topology, node, "through"), 0);
    return status;
}

sf_status spec_make_to_table(spec_topology *topology, spec_node *node, sf_error *err)
{
    const spec_node *from;
    sf_materialized materialized;
    bool is_given;
    sf_status status = follow(topology, node, NODE_STREAM, NODE_TABLE, &from, err);

    if (!status)
        status = spec_node_store(topology, node, SF_KEY_VALUE_STORE, &materialized, &is_given, err);
    if (status)
        return status;
    (void)spec_node_kept(node, is_given, &materialized); /* a store it needs in any case */
    node->table = sf_stream_to_table(from->stream, &materialized);
    return SF_OK;
}

sf_status spec_make_to_stream(spec_topology *topology, spec_node *node, sf_error *err)
{
    const spec_node *from;
    sf_status status = follow(topology, node, NODE_TABLE, NODE_STREAM, &from, err);

    if (!status)
        node->stream = with_serdes_of(node, sf_table_to_stream(from->table));
    return status;
}

sf_status spec_make_to(spec_topology *topology, spec_node *node, sf_error *err)
{
    const spec_node *from;
    const char *topic;
    sf_status status = follow(topology, node, NODE_STREAM, NODE_END, &from, err);

    if (!status)
        status = spec_node_add_topic(topology, node, false, &topic, err);
    if (!status && spec_topology_topic(topology, topic, true))
        status = sf_fail(err, SF_INVALID, "the topic '%s' is a source of the spec", topic);
    if (!status)
        sf_stream_to(from->stream, topic);
    return status;
}
