#include "dsl/operators/aggregate.h"

#include "topology/processor_implementation.h"

typedef struct aggregator {
    const sf_fold *fold;
    sf_kept_rows rows;
} aggregator;

static sf_status count_one(void *user, sf_arena *arena, const sf_record *record,
                           sf_bytes *aggregate, sf_error *err)
{
    (void)user;
    (void)record;
    (void)err;
    *aggregate = sf_bytes_from_int64(sf_bytes_to_int64(*aggregate) + 1, arena);
    return SF_OK;
}

const sf_fold sf_fold_count = {.add = count_one};

sf_status sf_fold_add(const sf_fold *fold, sf_arena *arena, const sf_record *record,
                      sf_bytes *aggregate, sf_error *err)
{
    if (sf_bytes_is_null(*aggregate)) {
        if (fold->first_is_taken) {
            *aggregate = record->value;
            return SF_OK;
        }
        *aggregate = sf_arena_copy(arena, fold->initial);
    }
    return fold->add(fold->user, arena, record, aggregate, err);
}

static sf_status init(void *user, sf_context *context, void **state, sf_error *err)
{
    const sf_aggregate_plan *plan = user;
    aggregator *made = sf_arena_zalloc(context->pipeline->memory, sizeof(*made));

    made->fold = &plan->fold;
    *state = made;
    return sf_kept_rows_init(&made->rows, &plan->rows, context, err);
}

static sf_status process(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    aggregator *at = state;
    sf_record result = *record;
    sf_row row;
    sf_status status;

    if (sf_bytes_is_null(record->key) || sf_bytes_is_null(record->value)) {
        sf_context_count_dropped(context);
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
