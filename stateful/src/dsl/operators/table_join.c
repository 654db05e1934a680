#include "dsl/operators/table_join.h"

#include "dsl/operators/waiting_records.h"
#include "topology/processor_implementation.h"

typedef struct table_join {
    const sf_table_join_plan *plan;
    sf_context *context;
    const sf_lookup *table;
    sf_waiting_records waiting; /* if the plan has a buffer */
} table_join;

static sf_status init(void *user, sf_context *context, void **state, sf_error *err)
{
    const sf_table_join_plan *plan = user;
    table_join *made = sf_arena_zalloc(context->pipeline->memory, sizeof(*made));
    sf_status status = sf_lookup_open(plan->table, context, &made->table, err);

    made->plan = plan;
    made->context = context;
    *state = made;
    if (!status && plan->buffer)
        status = sf_waiting_records_init(&made->waiting, context, plan->buffer, err);
    return status;
}

/* ---- meeting ---- */

static sf_status look_up(const table_join *at, const sf_record *record, sf_stored *row,
                         sf_error *err)
{
    if (at->plan->is_versioned)
        return sf_lookup_get_as_of(at->table, record->key, record->timestamp, row, err);
    return sf_lookup_get(at->table, record->key, row, err);
}

static sf_status meet(const table_join *at, const sf_record *record, sf_error *err)
{
    sf_stored right = sf_lookup_nothing();
    sf_status status = SF_OK;

    if (!sf_bytes_is_null(record->key))
        status = look_up(at, record, &right, err);
    if (status || (sf_bytes_is_null(right.value) && !at->plan->is_left))
        return status;
    return sf_joiner_forward(&at->plan->joiner, at->context, record, record->value, right.value,
                             err);
}

/* ---- waiting ---- */

static sf_status meet_released(void *user, const sf_record *wire, sf_error *err)
{
    const table_join *at = user;
    sf_arena *arena = sf_context_arena(at->context);
    sf_record record = *wire;
    sf_status status = sf_serde_decode(at->plan->key, wire->key, arena, &record.key, err);

    if (!status)
        status = sf_serde_decode(at->plan->value, wire->value, arena, &record.value, err);
    return status ? status : meet(at, &record, err);
}

static sf_status wait(table_join *at, const sf_record *record, sf_error *err)
{
    sf_arena *arena = sf_context_arena(at->context);
    sf_record wire = *record;
    sf_status status = sf_serde_encode(at->plan->key, record->key, arena, &wire.key, err);

    if (!status)
        status = sf_serde_encode(at->plan->value, record->value, arena, &wire.value, err);
    if (!status)
        status = sf_waiting_records_add(&at->waiting, &wire, err);
    if (status)
        return status;
    return sf_waiting_records_release(&at->waiting, *at->waiting.seen - at->plan->grace_ms,
                                      meet_released, at, err);
}

static bool is_too_late_to_wait(const table_join *at, const sf_record *record)
{
    return record->timestamp < *at->waiting.seen - at->plan->grace_ms;
}

static sf_status process(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    table_join *at = state;
    bool has_key = !sf_bytes_is_null(record->key);

    if (sf_bytes_is_null(record->value) || (!has_key && !at->plan->is_left)) {
        sf_context_count_dropped_for(context, SF_DROP_NULL);
        return SF_OK;
    }
    if (at->plan->buffer && has_key && !is_too_late_to_wait(at, record))
        return wait(at, record, err);
    return meet(at, record, err);
}

sf_processor sf_table_join_processor(sf_table_join_plan *plan)
{
    return (sf_processor){.init = init, .process = process, .user = plan};
}
