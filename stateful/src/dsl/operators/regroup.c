#include "dsl/operators/regroup.h"

#include "dsl/operators/change.h"
#include "dsl/operators/value_pair.h"

/* One side of a change in its group; a null value: this side has nothing to say. */
typedef struct side {
    sf_bytes key;
    sf_bytes value;
} side;

static const side no_side;

static sf_status select_side(const sf_regroup_plan *plan, sf_arena *arena, const sf_record *record,
                             sf_bytes value, side *selected, sf_error *err)
{
    sf_record in = *record, out;
    sf_status status;

    *selected = no_side;
    if (sf_bytes_is_null(value))
        return SF_OK;
    in.value = value;
    out = in;
    status = plan->select(plan->user, arena, &in, &out, err);
    if (!status && !sf_bytes_is_null(out.key) && !sf_bytes_is_null(out.value))
        *selected = (side){out.key, out.value};
    return status;
}

static sf_status is_same_group(const sf_regroup_plan *plan, sf_arena *arena, const side *now,
                               const side *before, bool *is_same, sf_error *err)
{
    sf_bytes wire_now, wire_before;
    sf_status status;

    *is_same = false;
    if (sf_bytes_is_null(now->value) || sf_bytes_is_null(before->value))
        return SF_OK;
    status = sf_serde_encode(plan->key, now->key, arena, &wire_now, err);
    if (!status)
        status = sf_serde_encode(plan->key, before->key, arena, &wire_before, err);
    if (!status)
        *is_same = sf_bytes_equal(wire_now, wire_before);
    return status;
}

static sf_status send(sf_context *context, const sf_record *record, const side *now,
                      const side *before, sf_error *err)
{
    sf_record out = *record;

    if (sf_bytes_is_null(now->value) && sf_bytes_is_null(before->value))
        return SF_OK;
    out.key = sf_bytes_is_null(now->value) ? before->key : now->key;
    out.value =
        sf_value_pair_bytes((sf_value_pair){now->value, before->value}, sf_context_arena(context));
    return sf_context_forward(context, &out, err);
}

static sf_status process(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    const sf_regroup_plan *plan = state;
    const sf_change *change = sf_change_of(record);
    sf_arena *arena = sf_context_arena(context);
    side now, before;
    bool is_same;
    sf_status status;

    if (plan->is_versioned && change->is_stale)
        return SF_OK;
    status = select_side(plan, arena, record, record->value, &now, err);
    if (!status)
        status = select_side(plan, arena, record, change->before, &before, err);
    if (!status)
        status = is_same_group(plan, arena, &now, &before, &is_same, err);
    if (!status && is_same)
        return send(context, record, &now, &before, err);
    if (!status)
        status = send(context, record, &no_side, &before, err);
    return status ? status : send(context, record, &now, &no_side, err);
}

sf_processor sf_regroup_processor(sf_regroup_plan *plan)
{
    return (sf_processor){.process = process, .user = plan};
}
