/* spec_lookup.c - joins by a key found in the left row: with a global table, with a foreign key. */
#include "conformance/spec_join.h"

static sf_status select_key(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                            sf_error *err)
{
    return spec_take_apply(user, in, 0, arena, &out->key, err);
}

/* A function that gives keys of the right side. */
static sf_status read_key(spec_topology *topology, const spec_node *node, const char *field,
                          const spec_join *join, spec_take **take, sf_error *err)
{
    sf_status status;

    *take = spec_alloc(topology, sizeof(**take));
    status = spec_take_read(cJSON_GetObjectItemCaseSensitive(node->json, field), field,
                            join->left->key, join->left->value, false, topology->arena, *take, err);
    if (status || (*take)->is_null)
        return status;
    return spec_join_want_key(join, (*take)->result, err);
}

/* Both functions of a join with a global table have one user pointer. */
typedef struct global_functions {
    spec_take *key;
    spec_combine *joiner;
} global_functions;

static sf_status select_global_key(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                                   sf_error *err)
{
    const global_functions *functions = user;

    return select_key(functions->key, arena, in, out, err);
}

static sf_status join_global_values(void *user, sf_arena *arena, const sf_record *left,
                                    sf_bytes right, sf_bytes *result, sf_error *err)
{
    const global_functions *functions = user;

    return spec_join_values(functions->joiner, arena, left, right, result, err);
}

sf_status spec_make_join_stream_global(spec_topology *topology, spec_node *node, sf_error *err)
{
    spec_join join = {0};
    global_functions *functions = spec_alloc(topology, sizeof(*functions));
    sf_stream *result;
    sf_status status =
        spec_join_read(topology, node, "inner left", NODE_STREAM, NODE_GLOBAL_TABLE, &join, err);

    if (!status)
        status = read_key(topology, node, "lookup_key", &join, &functions->key, err);
    if (status)
        return status;
    functions->joiner = join.joiner;
    if (join.kind == JOIN_LEFT)
        result = sf_stream_left_join_global(join.left->stream, join.right->global,
                                            select_global_key, join_global_values, functions);
    else
        result = sf_stream_join_global(join.left->stream, join.right->global, select_global_key,
                                       join_global_values, functions);
    node->stream = spec_join_stream(node, result);
    return SF_OK;
}

sf_status spec_make_join_foreign_key(spec_topology *topology, spec_node *node, sf_error *err)
{
    spec_join join = {0};
    sf_foreign_key foreign_key = {.name = spec_node_name(topology, node, "join"),
                                  .select = select_key};
    sf_materialized materialized;
    const sf_materialized *kept;
    spec_take *key;
    sf_table *result;
    bool is_given;
    sf_status status =
        spec_join_read(topology, node, "inner left", NODE_TABLE, NODE_TABLE, &join, err);

    if (!status)
        status = read_key(topology, node, "foreign_key", &join, &key, err);
    if (!status)
        status = spec_node_store(topology, node, SF_KEY_VALUE_STORE, &materialized, &is_given, err);
    if (status)
        return status;
    foreign_key.user = key;
    kept = spec_node_kept(node, is_given, &materialized);
    if (join.kind == JOIN_LEFT)
        result = sf_table_left_join_foreign_key(join.left->table, join.right->table, &foreign_key,
                                                spec_join_values, join.joiner, kept);
    else
        result = sf_table_join_foreign_key(join.left->table, join.right->table, &foreign_key,
                                           spec_join_values, join.joiner, kept);
    node->table = spec_join_table(node, result);
    return SF_OK;
}
