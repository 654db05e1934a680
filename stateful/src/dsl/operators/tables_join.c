#include "dsl/operators/tables_join.h"

#include "topology/processor_implementation.h"

static bool has_result(sf_tables_join_kind kind, sf_bytes left, sf_bytes right)
{
    bool has_left = !sf_bytes_is_null(left), has_right = !sf_bytes_is_null(right);

    switch (kind) {
    case SF_TABLES_JOIN_INNER:
        return has_left && has_right;
    case SF_TABLES_JOIN_LEFT:
        return has_left;
    case SF_TABLES_JOIN_OUTER:
        break;
    }
    return has_left || has_right;
}

/* left: with the time of the result. */
static sf_status meet(const sf_tables_join *join, sf_arena *arena, const sf_record *left,
                      sf_bytes right, sf_bytes *result, sf_error *err)
{
    *result = SF_NULL;
    if (!has_result(join->kind, left->value, right))
        return SF_OK;
    return join->join(join->user, arena, left, right, result, err);
}

/* ---- one side ---- */

typedef struct joining {
    const sf_join_side *plan;
    const sf_lookup *other;
} joining;

static sf_status init_side(void *user, sf_context *context, void **state, sf_error *err)
{
    const sf_join_side *plan = user;
    joining *made = sf_arena_zalloc(context->pipeline->memory, sizeof(*made));

    made->plan = plan;
    *state = made;
    return sf_lookup_open(plan->is_left ? plan->join->right : plan->join->left, context,
                          &made->other, err);
}

static bool needs_other(const sf_join_side *plan)
{
    return plan->join->kind == SF_TABLES_JOIN_INNER ||
           (plan->join->kind == SF_TABLES_JOIN_LEFT && !plan->is_left);
}

static sf_status meet_from(const sf_join_side *plan, sf_arena *arena, const sf_record *at,
                           sf_bytes mine, sf_bytes other, sf_bytes *result, sf_error *err)
{
    sf_record left = *at;

    left.value = plan->is_left ? mine : other;
    return meet(plan->join, arena, &left, plan->is_left ? other : mine, result, err);
}

static sf_status process_side(void *state, sf_context *context, const sf_record *record,
                              sf_error *err)
{
    const joining *at = state;
    const sf_join_side *plan = at->plan;
    const sf_change *mine = sf_change_of(record);
    sf_change out = {.record = *record};
    sf_arena *arena = sf_context_arena(context);
    sf_stored other;
    sf_status status;

    if (plan->is_versioned && mine->is_stale) {
        sf_context_count_dropped_for(context, SF_DROP_OUT_OF_ORDER);
        return SF_OK;
    }
    status = sf_lookup_get_sent(at->other, record->key, &other, err);
    if (status)
        return status;
    if (sf_bytes_is_null(other.value) &&
        (needs_other(plan) || (sf_bytes_is_null(record->value) && sf_bytes_is_null(mine->before))))
        return SF_OK;
    if (other.timestamp > out.record.timestamp)
        out.record.timestamp = other.timestamp;
    status =
        meet_from(plan, arena, &out.record, record->value, other.value, &out.record.value, err);
    if (!status && plan->join->rows.sends_before)
        status = meet_from(plan, arena, &out.record, mine->before, other.value, &out.before, err);
    return status ? status : sf_context_forward(context, &out.record, err);
}

sf_processor sf_join_side_processor(sf_join_side *side)
{
    return (sf_processor){.init = init_side, .process = process_side, .user = side};
}

/* ---- both ---- */

static sf_status init_results(void *user, sf_context *context, void **state, sf_error *err)
{
    const sf_tables_join *join = user;
    sf_kept_rows *rows = sf_arena_zalloc(context->pipeline->memory, sizeof(*rows));

    *state = rows;
    return join->rows.store ? sf_kept_rows_init(rows, &join->rows, context, err) : SF_OK;
}

static sf_status process_results(void *state, sf_context *context, const sf_record *record,
                                 sf_error *err)
{
    sf_kept_rows *rows = state;

    if (!rows->plan)
        return sf_context_forward(context, record, err);
    return sf_kept_rows_put_change(rows, sf_change_of(record), err);
}

sf_processor sf_join_results_processor(sf_tables_join *join)
{
    return (sf_processor){.init = init_results, .process = process_results, .user = join};
}

/* ---- lookup ---- */

typedef struct joined_lookup {
    sf_lookup base;
    sf_context *context;
    const sf_tables_join *join;
    const sf_lookup *left;
    const sf_lookup *right;
} joined_lookup;

/* Results are never versioned, and always what the changes of both sides have told. */
static sf_status get(const sf_lookup *lookup, sf_bytes key, int64_t as_of, sf_stored *row,
                     sf_error *err)
{
    const joined_lookup *at = (const joined_lookup *)lookup;
    sf_record left = {.key = key};
    sf_stored found, right;
    sf_status status = sf_lookup_get_sent(at->left, key, &found, err);

    (void)as_of;
    if (!status)
        status = sf_lookup_get_sent(at->right, key, &right, err);
    if (status)
        return status;
    left.value = found.value;
    left.timestamp = found.timestamp > right.timestamp ? found.timestamp : right.timestamp;
    status = meet(at->join, sf_context_arena(at->context), &left, right.value, &row->value, err);
    row->timestamp = left.timestamp;
    if (!status && sf_bytes_is_null(row->value))
        *row = sf_lookup_nothing();
    return status;
}

static sf_status open(const sf_lookup_plan *plan, sf_context *context, const sf_lookup **lookup,
                      sf_error *err)
{
    const sf_tables_join *join = (const sf_tables_join *)plan;
    joined_lookup *made = sf_arena_zalloc(context->pipeline->memory, sizeof(*made));
    sf_status status;

    made->base.get = get;
    made->context = context;
    made->join = join;
    *lookup = &made->base;
    status = sf_lookup_open(join->left, context, &made->left, err);
    return status ? status : sf_lookup_open(join->right, context, &made->right, err);
}

void sf_tables_join_init(sf_tables_join *join)
{
    join->lookup.open = open;
}
