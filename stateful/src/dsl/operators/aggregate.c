#include "dsl/operators/aggregate.h"

#include "topology/processor_implementation.h"

typedef struct aggregator {
    const sf_fold *fold;
    sf_kept_rows rows;
} aggregator;

static sf_status init(void *user, sf_context *context, void **state, sf_error *err)
{
    const sf_aggregate_plan *plan = user;
    aggregator *made = sf_arena_zalloc(context->pipeline->memory, sizeof(*made));

    made->fold = &plan->fold;
    *state = made;
    return sf_kept_rows_init(&made->rows, plan->rows, context, err);
}

static sf_status process(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    aggregator *at = state;
    sf_record result = *record;
    sf_row row;
    sf_status status;

    if (sf_fold_leaves_out(at->fold, record)) {
        sf_context_count_dropped_for(context, SF_DROP_NULL);
        return SF_OK;
    }
    status = sf_kept_rows_get(&at->rows, record->key, &row, err);
    if (status)
        return status;
    result.value = row.value;
    status = sf_fold_add(at->fold, sf_context_arena(context), record, &result.value, err);
    if (status)
        return status;
    if (row.timestamp > result.timestamp)
        result.timestamp = row.timestamp;
    return sf_kept_rows_put(&at->rows, &row, &result, err);
}

sf_processor sf_aggregate_processor(sf_aggregate_plan *plan)
{
    return (sf_processor){.init = init, .process = process, .user = plan};
}
