#include "dsl/operators/table_source.h"

#include "topology/processor_implementation.h"

static sf_status init(void *user, sf_context *context, void **state, sf_error *err)
{
    sf_kept_rows *rows = sf_arena_zalloc(context->pipeline->memory, sizeof(*rows));

    *state = rows;
    return sf_kept_rows_init(rows, user, context, err);
}

static sf_status process(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    sf_row row;
    sf_status status;

    if (sf_bytes_is_null(record->key)) {
        sf_context_count_dropped_for(context, SF_DROP_NULL);
        return SF_OK;
    }
    status = sf_kept_rows_find(state, record->key, &row, err);
    return status ? status : sf_kept_rows_put(state, &row, record, err);
}

static sf_status pass(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    sf_change change = {.record = *record};

    (void)state;
    if (sf_bytes_is_null(record->key)) {
        sf_context_count_dropped_for(context, SF_DROP_NULL);
        return SF_OK;
    }
    return sf_context_forward(context, &change.record, err);
}

sf_processor sf_table_source_processor(sf_kept_rows_plan *plan)
{
    return (sf_processor){.init = init, .process = process, .user = plan};
}

const sf_processor sf_table_passing_processor = {.process = pass};
