#include "dsl/operators/join_keep.h"

#include "topology/processor_implementation.h"

typedef struct keeper {
    const sf_stream_side *side;
    sf_window_store *records; /* NULL: the other side keeps them too */
} keeper;

static sf_status init(void *user, sf_context *context, void **state, sf_error *err)
{
    const sf_stream_join_node *node = user;
    keeper *made = sf_arena_zalloc(context->pipeline->memory, sizeof(*made));

    made->side = &node->plan->sides[node->side];
    *state = made;
    if (!node->is_kept)
        return SF_OK;
    made->records = sf_context_window_store(context, made->side->store);
    if (!made->records)
        return sf_fail(err, SF_INVALID, "the store '%s' is not a window store", made->side->store);
    return SF_OK;
}

static sf_status keep(keeper *at, sf_context *context, const sf_record *record, sf_error *err)
{
    sf_arena *arena = sf_context_arena(context);
    sf_bytes key, value;
    bool expired = false;
    sf_status status = sf_serde_encode(at->side->key, record->key, arena, &key, err);

    if (!status)
        status = sf_serde_encode(at->side->value, record->value, arena, &value, err);
    if (!status)
        status = sf_window_store_put(at->records, key, record->timestamp, value, record->timestamp,
                                     &expired, err);
    if (!status && expired)
        sf_context_count_dropped_for(context, SF_DROP_LATE); /* but it may still meet others */
    return status;
}

static sf_status process(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    keeper *at = state;
    sf_status status = SF_OK;

    if (at->records && !sf_bytes_is_null(record->key) && !sf_bytes_is_null(record->value))
        status = keep(at, context, record, err);
    return status ? status : sf_context_forward(context, record, err);
}

sf_processor sf_join_keep_processor(sf_stream_join_node *node)
{
    return (sf_processor){.init = init, .process = process, .user = node};
}
