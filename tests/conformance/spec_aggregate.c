/* spec_aggregate.c - what becomes of groups: count, reduce, aggregate; of streams, of tables, of
 * cogroups. */
#include "conformance/spec_json.h"
#include "conformance/spec_node.h"
#include "conformance/spec_window.h"

typedef struct spec_aggregate {
    const spec_node *from;
    spec_window window;
    sf_materialized materialized;
    sf_bytes initial;
    spec_combine *add; /* or the reducer */
    spec_combine *subtract;
    spec_combine *merge;
} spec_aggregate;

/* ---- reading ---- */

static sf_status read_from(spec_topology *topology, const spec_node *node, int kinds,
                           spec_aggregate *read, sf_error *err)
{
    sf_status status = spec_node_find(topology, node, "from", kinds, &read->from, err);

    if (!status)
        status = spec_window_read(node->json, &read->window, err);
    if (!status && read->from->kind == NODE_GROUPED_TABLE && read->window.kind != WINDOW_NONE)
        status = sf_fail(err, SF_INVALID, "a grouped table has no windows");
    return status;
}

/* node->value is set before. */
static sf_status read_store(spec_topology *topology, spec_node *node, spec_aggregate *read,
                            sf_error *err)
{
    bool is_given;

    node->kind = NODE_TABLE;
    node->key = (spec_key_type){read->from->key.type, read->window.kind != WINDOW_NONE};
    return spec_node_store(topology, node, spec_window_store(&read->window), &read->materialized,
                           &is_given, err);
}

/* A function that stands there exactly if it is wanted; its result is an aggregate again. */
static sf_status read_function(spec_topology *topology, const spec_node *node, const char *field,
                               bool is_wanted, spec_type b, spec_combine **function, sf_error *err)
{
    sf_status status;

    if (!is_wanted)
        return cJSON_GetObjectItemCaseSensitive(node->json, field)
                   ? sf_fail(err, SF_INVALID, "'%s' has no place here", field)
                   : SF_OK;
    status = spec_node_combine(topology, node, field, node->value, b, function, err);
    if (!status && (*function)->result != node->value)
        status = sf_fail(err, SF_INVALID, "%s gives %s, the aggregate is %s", field,
                         spec_type_name((*function)->result), spec_type_name(node->value));
    return status;
}

/* word: "reducer" or "aggregator", of streams. */
static sf_status read_functions(spec_topology *topology, spec_node *node, const char *word,
                                spec_aggregate *read, sf_error *err)
{
    bool is_of_table = read->from->kind == NODE_GROUPED_TABLE;
    bool is_of_stream = read->from->kind == NODE_GROUPED_STREAM;
    spec_type value = read->from->value;
    sf_status status = read_function(topology, node, word, is_of_stream, value, &read->add, err);

    if (!status)
        status = read_function(topology, node, "adder", is_of_table, value, &read->add, err);
    if (!status)
        status =
            read_function(topology, node, "subtractor", is_of_table, value, &read->subtract, err);
    return status;
}

/* ---- functions as the library takes them; user is a spec_aggregate ---- */

static sf_status add(void *user, sf_arena *arena, const sf_record *record, sf_bytes *total,
                     sf_error *err)
{
    const spec_aggregate *aggregate = user;

    return spec_fold_value(aggregate->add, arena, record, total, err);
}

static sf_status subtract(void *user, sf_arena *arena, const sf_record *record, sf_bytes *total,
                          sf_error *err)
{
    const spec_aggregate *aggregate = user;

    return spec_fold_value(aggregate->subtract, arena, record, total, err);
}

static sf_status merge(void *user, sf_arena *arena, sf_bytes key, sf_bytes *total, sf_bytes other,
                       sf_error *err)
{
    const spec_aggregate *aggregate = user;

    (void)key;
    return spec_combine_apply(aggregate->merge, *total, other, arena, total, err);
}

/* ---- count and reduce ---- */

sf_status spec_make_count(spec_topology *topology, spec_node *node, sf_error *err)
{
    spec_aggregate read = {0};
    sf_status status =
        read_from(topology, node, NODE_GROUPED_STREAM | NODE_GROUPED_TABLE, &read, err);

    node->value = SPEC_LONG;
    if (!status)
        status = read_store(topology, node, &read, err);
    if (status)
        return status;
    if (read.from->kind == NODE_GROUPED_TABLE)
        node->table = sf_table_grouped_count(read.from->table_grouped, &read.materialized);
    else
        node->table = sf_grouped_count_with(spec_window_groups(&read.window, read.from->grouped),
                                            &read.materialized);
    return SF_OK;
}

sf_status spec_make_reduce(spec_topology *topology, spec_node *node, sf_error *err)
{
    spec_aggregate *read = spec_alloc(topology, sizeof(*read));
    sf_status status =
        read_from(topology, node, NODE_GROUPED_STREAM | NODE_GROUPED_TABLE, read, err);

    if (status)
        return status;
    node->value = read->from->value;
    status = read_store(topology, node, read, err);
    if (!status)
        status = read_functions(topology, node, "reducer", read, err);
    if (status)
        return status;
    if (read->from->kind == NODE_GROUPED_TABLE)
        node->table = sf_table_grouped_reduce(read->from->table_grouped, add, subtract, read,
                                              &read->materialized);
    else
        node->table = sf_grouped_reduce(spec_window_groups(&read->window, read->from->grouped), add,
                                        read, &read->materialized);
    return SF_OK;
}

/* ---- aggregate ---- */

static sf_status make_cogroup_aggregate(spec_topology *topology, spec_node *node,
                                        spec_aggregate *read, sf_error *err)
{
    const sf_aggregation aggregation = {
        .merge = read->merge ? merge : NULL, .user = read, .initial = read->initial};
    sf_cogrouped *cogrouped = NULL;

    for (size_t i = 0; i < read->from->part_count; i++) {
        const spec_node *part = read->from->parts[i];
        spec_combine *function = spec_alloc(topology, sizeof(*function));
        sf_status status = spec_combine_read(read->from->part_functions[i], "aggregator",
                                             node->value, part->value, function, err);

        if (!status && function->result != node->value)
            status = sf_fail(err, SF_INVALID, "an aggregator gives %s, the aggregate is %s",
                             spec_type_name(function->result), spec_type_name(node->value));
        if (status)
            return status;
        cogrouped = cogrouped
                        ? sf_cogrouped_with(cogrouped, part->grouped, spec_fold_value, function)
                        : sf_grouped_cogroup(part->grouped, spec_fold_value, function);
    }
    node->table = sf_cogrouped_aggregate(spec_window_cogroups(&read->window, cogrouped),
                                         &aggregation, &read->materialized);
    return SF_OK;
}

static void make_stream_aggregate(spec_node *node, spec_aggregate *read)
{
    const sf_aggregation aggregation = {
        .add = add, .merge = read->merge ? merge : NULL, .user = read, .initial = read->initial};

    node->table = sf_grouped_aggregate(spec_window_groups(&read->window, read->from->grouped),
                                       &aggregation, &read->materialized);
}

static void make_table_aggregate(spec_node *node, spec_aggregate *read)
{
    const sf_table_aggregation aggregation = {
        .add = add, .subtract = subtract, .user = read, .initial = read->initial};

    node->table =
        sf_table_grouped_aggregate(read->from->table_grouped, &aggregation, &read->materialized);
}

static sf_status read_aggregate(spec_topology *topology, spec_node *node, spec_aggregate *read,
                                sf_error *err)
{
    int kinds = NODE_GROUPED_STREAM | NODE_GROUPED_TABLE | NODE_COGROUPED;
    sf_status status = read_from(topology, node, kinds, read, err);

    if (!status && read->from->kind == NODE_COGROUPED && read->window.kind == WINDOW_UNLIMITED)
        status = sf_fail(err, SF_INVALID, "cogroups have no unlimited windows");
    if (!status)
        status =
            spec_literal_read(cJSON_GetObjectItemCaseSensitive(node->json, "initializer"),
                              "initializer", topology->arena, &node->value, &read->initial, err);
    if (!status && sf_bytes_is_null(read->initial))
        status = sf_fail(err, SF_INVALID, "the initializer is null");
    if (!status)
        status = read_store(topology, node, read, err);
    if (!status)
        status = read_functions(topology, node, "aggregator", read, err);
    if (!status)
        status = read_function(topology, node, "merger", read->window.kind == WINDOW_SESSION,
                               node->value, &read->merge, err);
    return status;
}

sf_status spec_make_aggregate(spec_topology *topology, spec_node *node, sf_error *err)
{
    spec_aggregate *read = spec_alloc(topology, sizeof(*read));
    sf_status status = read_aggregate(topology, node, read, err);

    if (status)
        return status;
    if (read->from->kind == NODE_COGROUPED)
        return make_cogroup_aggregate(topology, node, read, err);
    if (read->from->kind == NODE_GROUPED_TABLE)
        make_table_aggregate(node, read);
    else
        make_stream_aggregate(node, read);
    return SF_OK;
}
