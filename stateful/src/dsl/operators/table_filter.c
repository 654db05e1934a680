#include "dsl/operators/table_filter.h"

#include "topology/processor_implementation.h"

typedef struct table_filter {
    const sf_table_filter_plan *plan;
    sf_kept_rows rows;
} table_filter;

static sf_status init(void *user, sf_context *context, void **state, sf_error *err)
{
    const sf_table_filter_plan *plan = user;
    table_filter *made = sf_arena_zalloc(context->pipeline->memory, sizeof(*made));

    made->plan = plan;
    *state = made;
    return plan->rows.store ? sf_kept_rows_init(&made->rows, &plan->rows, context, err) : SF_OK;
}

static sf_bytes value_if_taken(const sf_filter *filter, const sf_record *record, sf_bytes value)
{
    sf_record row = *record;

    row.value = value;
    if (sf_bytes_is_null(value) || filter->predicate(filter->user, &row) == filter->negated)
        return SF_NULL;
    return value;
}

static sf_status process(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    table_filter *at = state;
    const sf_filter *filter = &at->plan->filter;
    sf_change change = *sf_change_of(record);
    sf_row row;
    sf_status status;

    change.record.value = value_if_taken(filter, record, change.record.value);
    if (!at->plan->rows.store) {
        change.before = value_if_taken(filter, record, change.before);
        return sf_context_forward(context, &change.record, err);
    }
    status = sf_kept_rows_get(&at->rows, record->key, &row, err);
    if (status || (sf_bytes_is_null(change.record.value) && row.timestamp < 0))
        return status; /* it was not in, and is not in */
    return sf_kept_rows_put(&at->rows, &row, &change.record, err);
}

sf_processor sf_table_filter_processor(sf_table_filter_plan *plan)
{
    return (sf_processor){.init = init, .process = process, .user = plan};
}
