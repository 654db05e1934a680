/* spec_store_calls.c - the node that is no topology: each record is a put into a versioned store. */
#include <stdlib.h>

#include "base/memory.h"
#include "conformance/spec_json.h"
#include "conformance/spec_node.h"

/* Of a node; part of the processor's state, which is the same in every task. */
typedef struct put_calls {
    const char *store;
    spec_key_type key;
    spec_type value;
    spec_put_returns *returns;
} put_calls;

static sf_status put(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    const put_calls *calls = state;
    spec_put_returns *returns = calls->returns;
    sf_versioned_store *store = sf_context_versioned_store(context, calls->store);
    sf_arena *arena = sf_context_arena(context);
    sf_bytes key;
    sf_bytes value;
    int64_t valid_to;
    sf_status status = sf_serde_encode(spec_key_serde(calls->key), record->key, arena, &key, err);

    if (!status)
        status = sf_serde_encode(spec_serde(calls->value), record->value, arena, &value, err);
    if (!status)
        status = sf_versioned_store_put(store, key, value, record->timestamp, &valid_to, err);
    if (status)
        return status;
    if (returns->count == returns->capacity) {
        returns->capacity = returns->capacity ? returns->capacity * 2 : 16;
        returns->items =
            sf_realloc_array(returns->items, returns->capacity, sizeof(*returns->items));
    }
    returns->items[returns->count++] = valid_to;
    return SF_OK;
}

static sf_status add_store(spec_topology *topology, const spec_node *node, const char **name,
                           sf_error *err)
{
    sf_materialized materialized;
    sf_store_options options = {.kind = SF_VERSIONED_STORE};
    bool is_given;
    sf_status status =
        spec_node_store(topology, node, SF_KEY_VALUE_STORE, &materialized, &is_given, err);

    if (status)
        return status;
    if (!materialized.history_ms)
        return sf_fail(err, SF_INVALID, "the store is not versioned");
    options.name = materialized.name;
    options.in_memory = materialized.in_memory;
    options.logging_off = materialized.logging_off;
    options.history_ms = materialized.history_ms;
    options.segment_ms = materialized.segment_ms;
    sf_builder_add_store(topology->builder, &options);
    *name = materialized.name;
    return SF_OK;
}

sf_status spec_make_store_calls(spec_topology *topology, spec_node *node, sf_error *err)
{
    put_calls *calls = spec_alloc(topology, sizeof(*calls));
    const sf_processor processor = {.process = put, .user = calls};
    sf_consumed consumed;
    const char *topic;
    sf_status status = spec_node_read_source(topology, node, &consumed, &topic, err);

    if (!status)
        status = add_store(topology, node, &calls->store, err);
    if (status)
        return status;
    calls->key = node->key;
    calls->value = node->value;
    calls->returns = &topology->puts;
    node->kind = NODE_END;
    (void)sf_stream_process(sf_builder_stream(topology->builder, topic, &consumed), &processor,
                            (const char *const[]){calls->store, NULL}); /* nothing follows */
    return SF_OK;
}
