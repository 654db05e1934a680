#include "dsl/operators/table_filter.h"

#include "topology/processor_implementation.h"

typedef struct table_filter {
    const sf_table_filter_plan *plan;
    sf_kept_rows rows;
} table_filter;

static sf_bytes value_if_taken(const sf_filter *filter, const sf_record *record, sf_bytes value)
{
    sf_record row = *record;

    row.value = value;
    if (sf_bytes_is_null(value) || filter->predicate(filter->user, &row) == filter->negated)
        return SF_NULL;
    return value;
}

/* ---- changes ---- */

static sf_status init(void *user, sf_context *context, void **state, sf_error *err)
{
    const sf_table_filter_plan *plan = user;
    table_filter *made = sf_arena_zalloc(context->pipeline->memory, sizeof(*made));

    made->plan = plan;
    *state = made;
    return plan->rows.store ? sf_kept_rows_init(&made->rows, &plan->rows, context, err) : SF_OK;
}

/* It was not in, and is not in. */
static bool is_no_change(const sf_table_filter_plan *plan, sf_bytes now, sf_bytes before)
{
    return plan->rows.sends_before && !plan->is_versioned && sf_bytes_is_null(now) &&
           sf_bytes_is_null(before);
}

static sf_status keep(table_filter *at, const sf_record *now, sf_error *err)
{
    sf_row row = {.value = SF_NULL};
    sf_status status;

    if (at->plan->rows.sends_before)
        status = sf_kept_rows_get(&at->rows, now->key, &row, err);
    else
        status = sf_kept_rows_find(&at->rows, now->key, &row, err);
    if (status || is_no_change(at->plan, now->value, row.value))
        return status;
    return sf_kept_rows_put(&at->rows, &row, now, err);
}

static sf_status process(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    table_filter *at = state;
    const sf_table_filter_plan *plan = at->plan;
    sf_change change = *sf_change_of(record);

    change.record.value = value_if_taken(&plan->filter, record, change.record.value);
    if (plan->rows.store)
        return keep(at, &change.record, err);
    change.before = value_if_taken(&plan->filter, record, change.before);
    if (is_no_change(plan, change.record.value, change.before))
        return SF_OK;
    return sf_context_forward(context, &change.record, err);
}

/* ---- lookup ---- */

typedef struct filtered_lookup {
    sf_lookup base;
    const sf_filter *filter;
    const sf_lookup *from;
} filtered_lookup;

static sf_status get(const sf_lookup *lookup, sf_bytes key, int64_t as_of, sf_stored *row,
                     sf_error *err)
{
    const filtered_lookup *at = (const filtered_lookup *)lookup;
    sf_record record = {.key = key};
    sf_status status = at->from->get(at->from, key, as_of, row, err);

    if (status)
        return status;
    record.timestamp = row->timestamp;
    if (sf_bytes_is_null(value_if_taken(at->filter, &record, row->value)))
        *row = sf_lookup_nothing();
    return SF_OK;
}

static sf_status open(const sf_lookup_plan *plan, sf_context *context, const sf_lookup **lookup,
                      sf_error *err)
{
    const sf_table_filter_plan *filter = (const sf_table_filter_plan *)plan;
    filtered_lookup *made = sf_arena_zalloc(context->pipeline->memory, sizeof(*made));

    made->base.get = get;
    made->filter = &filter->filter;
    *lookup = &made->base;
    return sf_lookup_open(filter->from, context, &made->from, err);
}

sf_processor sf_table_filter_processor(sf_table_filter_plan *plan)
{
    plan->lookup.open = open;
    return (sf_processor){.init = init, .process = process, .user = plan};
}
