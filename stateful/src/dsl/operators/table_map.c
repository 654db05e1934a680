#include "dsl/operators/table_map.h"

#include "topology/processor_implementation.h"

typedef struct table_map {
    const sf_table_map_plan *plan;
    sf_kept_rows rows;
} table_map;

static sf_status map_value(const sf_map_step *step, sf_arena *arena, const sf_record *record,
                           sf_bytes *value, sf_error *err)
{
    sf_record in = *record, out;
    sf_status status;

    if (sf_bytes_is_null(*value))
        return SF_OK;
    in.value = *value;
    out = in;
    status = step->map(step->user, arena, &in, &out, err);
    *value = out.value;
    return status;
}

/* ---- changes ---- */

static sf_status init(void *user, sf_context *context, void **state, sf_error *err)
{
    const sf_table_map_plan *plan = user;
    table_map *made = sf_arena_zalloc(context->pipeline->memory, sizeof(*made));

    made->plan = plan;
    *state = made;
    return plan->rows.store ? sf_kept_rows_init(&made->rows, &plan->rows, context, err) : SF_OK;
}

static sf_status process(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    table_map *at = state;
    const sf_map_step *step = &at->plan->step;
    sf_arena *arena = sf_context_arena(context);
    sf_change change = *sf_change_of(record);
    sf_row row;
    sf_status status = map_value(step, arena, record, &change.record.value, err);

    if (!status && at->plan->rows.store) {
        status = sf_kept_rows_find(&at->rows, record->key, &row, err);
        return status ? status : sf_kept_rows_put(&at->rows, &row, &change.record, err);
    }
    if (!status && at->plan->rows.sends_before)
        status = map_value(step, arena, record, &change.before, err);
    return status ? status : sf_context_forward(context, &change.record, err);
}

/* ---- lookup ---- */

typedef struct mapped_lookup {
    sf_lookup base;
    sf_context *context;
    const sf_map_step *step;
    const sf_lookup *from;
} mapped_lookup;

static sf_status get(const sf_lookup *lookup, sf_bytes key, int64_t as_of, sf_stored *row,
                     sf_error *err)
{
    const mapped_lookup *at = (const mapped_lookup *)lookup;
    sf_record record = {.key = key};
    sf_status status = at->from->get(at->from, key, as_of, row, err);

    if (status)
        return status;
    record.timestamp = row->timestamp;
    status = map_value(at->step, sf_context_arena(at->context), &record, &row->value, err);
    if (!status && sf_bytes_is_null(row->value))
        *row = sf_lookup_nothing();
    return status;
}

static sf_status open(const sf_lookup_plan *plan, sf_context *context, const sf_lookup **lookup,
                      sf_error *err)
{
    const sf_table_map_plan *map = (const sf_table_map_plan *)plan;
    mapped_lookup *made = sf_arena_zalloc(context->pipeline->memory, sizeof(*made));

    made->base.get = get;
    made->context = context;
    made->step = &map->step;
    *lookup = &made->base;
    return sf_lookup_open(map->from, context, &made->from, err);
}

sf_processor sf_table_map_processor(sf_table_map_plan *plan)
{
    plan->lookup.open = open;
    return (sf_processor){.init = init, .process = process, .user = plan};
}
