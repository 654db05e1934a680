#include "dsl/operators/table_join.h"

#include "topology/processor_implementation.h"

typedef struct table_join {
    const sf_table_join_plan *plan;
    sf_key_value_store *rows;
} table_join;

static sf_status init(void *user, sf_context *context, void **state, sf_error *err)
{
    const sf_table_join_plan *plan = user;
    table_join *made = sf_arena_zalloc(context->pipeline->memory, sizeof(*made));

    made->plan = plan;
    made->rows = sf_context_key_value_store(context, plan->store);
    *state = made;
    if (!made->rows)
        return sf_fail(err, SF_INVALID, "the store '%s' is not a key-value store", plan->store);
    return SF_OK;
}

static sf_status look_up(table_join *at, sf_arena *arena, sf_bytes key, sf_bytes *value,
                         sf_error *err)
{
    sf_stored stored;
    sf_bytes wire;
    sf_status status = sf_serde_encode(at->plan->key, key, arena, &wire, err);

    if (!status)
        status = sf_key_value_store_get(at->rows, wire, &stored, err);
    if (!status)
        status =
            sf_serde_decode(at->plan->value, sf_arena_copy(arena, stored.value), arena, value, err);
    return status;
}

static sf_status process(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    table_join *at = state;
    const sf_table_join_plan *plan = at->plan;
    sf_arena *arena = sf_context_arena(context);
    bool has_key = !sf_bytes_is_null(record->key);
    sf_record out = *record;
    sf_bytes right = SF_NULL;
    sf_status status = SF_OK;

    if (sf_bytes_is_null(record->value) || (!has_key && !plan->is_left)) {
        sf_context_count_dropped(context);
        return SF_OK;
    }
    if (has_key)
        status = look_up(at, arena, record->key, &right, err);
    if (status || (sf_bytes_is_null(right) && !plan->is_left))
        return status;
    out.value = SF_NULL;
    status = plan->join(plan->user, arena, record, right, &out.value, err);
    return status ? status : sf_context_forward(context, &out, err);
}

sf_processor sf_table_join_processor(sf_table_join_plan *plan)
{
    return (sf_processor){.init = init, .process = process, .user = plan};
}
