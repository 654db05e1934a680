/* spec_join.c - nodes where two sides meet. */
#include "conformance/spec_join.h"

#include "conformance/spec_json.h"

sf_status spec_join_read(spec_topology *topology, spec_node *node, const char *kinds, int left,
                         int right, spec_join *read, sf_error *err)
{
    sf_status status = spec_node_find(topology, node, "left", left, &read->left, err);

    if (!status)
        status = spec_node_find(topology, node, "right", right, &read->right, err);
    if (!status)
        status = spec_read_word(node->json, "kind", kinds, &read->kind, err);
    if (!status)
        status = spec_node_combine(topology, node, "joiner", read->left->value, read->right->value,
                                   &read->joiner, err);
    if (status)
        return status;
    node->key = read->left->key;
    node->value = read->joiner->result;
    return SF_OK;
}

sf_status spec_join_want_key(const spec_join *join, spec_key_type key, sf_error *err)
{
    if (key.type != join->right->key.type || key.is_windowed != join->right->key.is_windowed)
        return sf_fail(err, SF_INVALID, "the keys of both sides have different types");
    return SF_OK;
}

sf_stream *spec_join_stream(spec_node *node, sf_stream *stream)
{
    node->kind = NODE_STREAM;
    return sf_stream_as(stream, spec_key_serde(node->key), spec_serde(node->value));
}

sf_table *spec_join_table(spec_node *node, sf_table *table)
{
    node->kind = NODE_TABLE;
    return sf_table_as(table, spec_key_serde(node->key), spec_serde(node->value));
}

sf_status spec_make_join_stream_table(spec_topology *topology, spec_node *node, sf_error *err)
{
    spec_join join = {0};
    sf_joined joined = {.name = spec_node_name(topology, node, "join")};
    sf_stream *result;
    sf_status status =
        spec_join_read(topology, node, "inner left", NODE_STREAM, NODE_TABLE, &join, err);

    if (!status)
        status = spec_join_want_key(&join, join.left->key, err);
    if (!status)
        status = spec_read_natural(node->json, "grace_ms", &joined.grace_ms, err);
    if (status)
        return status;
    if (join.kind == JOIN_LEFT)
        result = sf_stream_left_join_table(join.left->stream, join.right->table, spec_join_values,
                                           join.joiner, &joined);
    else
        result = sf_stream_join_table(join.left->stream, join.right->table, spec_join_values,
                                      join.joiner, &joined);
    node->stream = spec_join_stream(node, result);
    return SF_OK;
}

/* ---- tables ---- */

static sf_table *join_tables(const spec_join *join, const sf_materialized *materialized)
{
    sf_table *left = join->left->table;
    sf_table *right = join->right->table;

    switch (join->kind) {
    case JOIN_LEFT:
        return sf_table_left_join(left, right, spec_join_values, join->joiner, materialized);
    case JOIN_OUTER:
        return sf_table_outer_join(left, right, spec_join_values, join->joiner, materialized);
    default:
        return sf_table_join(left, right, spec_join_values, join->joiner, materialized);
    }
}

sf_status spec_make_join_table_table(spec_topology *topology, spec_node *node, sf_error *err)
{
    spec_join join = {0};
    sf_materialized materialized;
    bool is_given;
    sf_status status =
        spec_join_read(topology, node, "inner left outer", NODE_TABLE, NODE_TABLE, &join, err);

    if (!status)
        status = spec_join_want_key(&join, join.left->key, err);
    if (!status)
        status = spec_node_store(topology, node, SF_KEY_VALUE_STORE, &materialized, &is_given, err);
    if (!status)
        node->table = spec_join_table(node, join_tables(&join, is_given ? &materialized : NULL));
    return status;
}

/* ---- streams ---- */

static sf_status read_window(const cJSON *node, sf_join_window *window, sf_error *err)
{
    const cJSON *json = cJSON_GetObjectItemCaseSensitive(node, "window");
    sf_status status = spec_fields(json, "window", "before_ms after_ms grace_ms", "eager", err);

    if (!status)
        status = spec_read_natural(json, "before_ms", &window->before_ms, err);
    if (!status)
        status = spec_read_natural(json, "after_ms", &window->after_ms, err);
    if (!status)
        status = spec_read_natural(json, "grace_ms", &window->grace_ms, err);
    if (!status)
        status = spec_read_flag(json, "eager", &window->is_eager, err);
    return status;
}

static sf_stream *join_streams(const spec_join *join, sf_join_window window,
                               const sf_stream_joined *joined)
{
    sf_stream *left = join->left->stream;
    sf_stream *right = join->right->stream;

    switch (join->kind) {
    case JOIN_LEFT:
        return sf_stream_left_join(left, right, window, spec_join_values, join->joiner, joined);
    case JOIN_OUTER:
        return sf_stream_outer_join(left, right, window, spec_join_values, join->joiner, joined);
    default:
        return sf_stream_join(left, right, window, spec_join_values, join->joiner, joined);
    }
}

sf_status spec_make_join_stream_stream(spec_topology *topology, spec_node *node, sf_error *err)
{
    spec_join join = {0};
    sf_join_window window = {0};
    const sf_stream_joined joined = {.name = spec_node_name(topology, node, "join")};
    sf_status status =
        spec_join_read(topology, node, "inner left outer", NODE_STREAM, NODE_STREAM, &join, err);

    if (!status)
        status = spec_join_want_key(&join, join.left->key, err);
    if (!status)
        status = read_window(node->json, &window, err);
    if (!status)
        node->stream = spec_join_stream(node, join_streams(&join, window, &joined));
    return status;
}
