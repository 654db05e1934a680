#include "dsl/operators/table_aggregate.h"

#include "dsl/operators/value_pair.h"
#include "topology/processor_implementation.h"

typedef struct aggregator {
    const sf_table_fold *fold;
    sf_kept_rows rows;
} aggregator;

/* ---- counting ---- */

static sf_status count_by(sf_arena *arena, int64_t step, sf_bytes *aggregate)
{
    *aggregate = sf_bytes_from_int64(sf_bytes_to_int64(*aggregate) + step, arena);
    return SF_OK;
}

static sf_status count_up(void *user, sf_arena *arena, const sf_record *record, sf_bytes *aggregate,
                          sf_error *err)
{
    (void)user;
    (void)record;
    (void)err;
    return count_by(arena, 1, aggregate);
}

static sf_status count_down(void *user, sf_arena *arena, const sf_record *record,
                            sf_bytes *aggregate, sf_error *err)
{
    (void)user;
    (void)record;
    (void)err;
    return count_by(arena, -1, aggregate);
}

const sf_table_fold sf_table_fold_count = {.add = count_up, .subtract = count_down};

/* ---- changes ---- */

static sf_status subtract(const sf_table_fold *fold, sf_arena *arena, const sf_record *record,
                          sf_bytes before, sf_bytes *aggregate, sf_error *err)
{
    sf_record old = *record;

    if (sf_bytes_is_null(before) || sf_bytes_is_null(*aggregate))
        return SF_OK;
    old.value = before;
    return fold->subtract(fold->user, arena, &old, aggregate, err);
}

static sf_status add(const sf_table_fold *fold, sf_arena *arena, const sf_record *record,
                     sf_bytes now, sf_bytes *aggregate, sf_error *err)
{
    sf_record new = *record;

    if (sf_bytes_is_null(now))
        return SF_OK;
    new.value = now;
    if (sf_bytes_is_null(*aggregate)) {
        if (fold->first_is_taken) {
            *aggregate = now;
            return SF_OK;
        }
        *aggregate = sf_arena_copy(arena, fold->initial);
    }
    return fold->add(fold->user, arena, &new, aggregate, err);
}

static sf_status init(void *user, sf_context *context, void **state, sf_error *err)
{
    const sf_table_aggregate_plan *plan = user;
    aggregator *made = sf_arena_zalloc(context->pipeline->memory, sizeof(*made));

    made->fold = &plan->fold;
    *state = made;
    return sf_kept_rows_init(&made->rows, &plan->rows, context, err);
}

static sf_status process(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    aggregator *at = state;
    const sf_value_pair *pair = sf_value_pair_of(record->value);
    sf_arena *arena = sf_context_arena(context);
    sf_record result = *record;
    sf_row row;
    sf_status status = sf_kept_rows_get(&at->rows, record->key, &row, err);

    if (status)
        return status;
    result.value = row.value;
    status = subtract(at->fold, arena, record, pair->before, &result.value, err);
    if (!status)
        status = add(at->fold, arena, record, pair->now, &result.value, err);
    if (status)
        return status;
    if (row.timestamp > result.timestamp)
        result.timestamp = row.timestamp;
    return sf_kept_rows_put(&at->rows, &row, &result, err);
}

sf_processor sf_table_aggregate_processor(sf_table_aggregate_plan *plan)
{
    return (sf_processor){.init = init, .process = process, .user = plan};
}
