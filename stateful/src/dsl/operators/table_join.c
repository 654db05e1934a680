#include "dsl/operators/table_join.h"

#include "topology/processor_implementation.h"

typedef struct table_join {
    const sf_table_join_plan *plan;
    const sf_lookup *table;
} table_join;

static sf_status init(void *user, sf_context *context, void **state, sf_error *err)
{
    const sf_table_join_plan *plan = user;
    table_join *made = sf_arena_zalloc(context->pipeline->memory, sizeof(*made));

    made->plan = plan;
    *state = made;
    return sf_lookup_open(plan->table, context, &made->table, err);
}

static sf_status look_up(const table_join *at, const sf_record *record, sf_stored *row,
                         sf_error *err)
{
    if (at->plan->is_versioned)
        return sf_lookup_get_as_of(at->table, record->key, record->timestamp, row, err);
    return sf_lookup_get(at->table, record->key, row, err);
}

static sf_status process(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    table_join *at = state;
    const sf_table_join_plan *plan = at->plan;
    sf_arena *arena = sf_context_arena(context);
    bool has_key = !sf_bytes_is_null(record->key);
    sf_record out = *record;
    sf_stored right = sf_lookup_nothing();
    sf_status status = SF_OK;

    if (sf_bytes_is_null(record->value) || (!has_key && !plan->is_left)) {
        sf_context_count_dropped(context);
        return SF_OK;
    }
    if (has_key)
        status = look_up(at, record, &right, err);
    if (status || (sf_bytes_is_null(right.value) && !plan->is_left))
        return status;
    out.value = SF_NULL;
    status = plan->join(plan->user, arena, record, right.value, &out.value, err);
    return status ? status : sf_context_forward(context, &out, err);
}

sf_processor sf_table_join_processor(sf_table_join_plan *plan)
{
    return (sf_processor){.init = init, .process = process, .user = plan};
}
