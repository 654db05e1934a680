/* foreign_key_resolve.c - step 4: an answer meets the left row, if that is still the one that asked. What
 * becomes of it otherwise stands in foreign_key.h. */
#include "dsl/operators/foreign_key.h"
#include "dsl/operators/foreign_key_messages.h"
#include "topology/processor_implementation.h"

/* Of both nodes. */
typedef struct resolver {
    const sf_foreign_key_join *join;
    const sf_lookup *left;
} resolver;

static sf_status init(void *user, sf_context *context, void **state, sf_error *err)
{
    const sf_foreign_key_join *join = user;
    resolver *made = sf_arena_zalloc(context->pipeline->memory, sizeof(*made));

    made->join = join;
    *state = made;
    return sf_lookup_open(join->left, context, &made->left, err);
}

/* The left row as it is now. */
typedef struct left_row {
    sf_bytes value;
    sf_row_hash hash;
    bool is_current; /* it is the one that asked */
} left_row;

static sf_status find_left(const resolver *at, sf_arena *arena, const sf_record *record,
                           left_row *left, sf_error *err)
{
    sf_stored row;
    sf_bytes wire;
    sf_status status = sf_lookup_get_sent(at->left, record->key, &row, err);

    if (!status)
        status = sf_serde_encode(at->join->left_value, row.value, arena, &wire, err);
    if (status)
        return status;
    left->value = row.value;
    left->hash = sf_row_hash_of(wire);
    left->is_current = sf_row_hash_equal(&left->hash, &sf_answer_of(record->value)->hash);
    return SF_OK;
}

/* ---- results ---- */

static sf_status forward_result(const resolver *at, sf_context *context, const sf_record *record,
                                sf_bytes left_value, sf_error *err)
{
    const sf_foreign_key_join *join = at->join;
    sf_bytes right = sf_answer_of(record->value)->value;
    sf_record out = *record, left = *record;
    sf_status status = SF_OK;

    left.value = left_value;
    out.value = SF_NULL;
    if (!sf_bytes_is_null(left_value) && (join->is_left || !sf_bytes_is_null(right)))
        status =
            join->join(join->join_user, sf_context_arena(context), &left, right, &out.value, err);
    return status ? status : sf_context_forward(context, &out, err);
}

/* The row that asked is gone. */
static sf_status resolve_late(const resolver *at, sf_context *context, const sf_record *record,
                              const left_row *left, sf_error *err)
{
    sf_record out = *record;
    sf_bytes foreign_key;
    sf_status status;

    sf_context_count_dropped_for(context, SF_DROP_LATE);
    if (at->join->is_left || !sf_bytes_is_null(sf_answer_of(record->value)->value))
        return SF_OK;
    status = sf_foreign_key_select(at->join, sf_context_arena(context), record, left->value,
                                   &foreign_key, err);
    if (status || !sf_bytes_is_null(foreign_key))
        return status; /* it asks again */
    out.value = SF_NULL;
    return sf_context_forward(context, &out, err);
}

static sf_status resolve(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    const resolver *at = state;
    left_row left;
    sf_status status = find_left(at, sf_context_arena(context), record, &left, err);

    if (status)
        return status;
    if (!left.is_current)
        return resolve_late(at, context, record, &left, err);
    return forward_result(at, context, record, left.value, err);
}

sf_processor sf_foreign_key_resolve_processor(sf_foreign_key_join *join)
{
    return (sf_processor){.init = init, .process = resolve, .user = join};
}

/* ---- asking again ---- */

static sf_status tell(const resolver *at, sf_context *context, const sf_record *record,
                      const left_row *left, sf_bytes foreign_key, sf_error *err)
{
    sf_arena *arena = sf_context_arena(context);
    sf_subscription again = {.what = SF_SUBSCRIBE_ANSWER};
    sf_record out = *record;
    sf_status status = sf_serde_encode(at->join->left_key, record->key, arena, &again.who.key, err);

    if (status)
        return status;
    again.who.hash = left->hash;
    again.who.partition = sf_context_partition(context);
    out.key = foreign_key;
    out.value = sf_subscription_bytes(&again, arena);
    return sf_context_forward(context, &out, err);
}

static sf_status ask_again(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    const resolver *at = state;
    sf_arena *arena = sf_context_arena(context);
    left_row left;
    sf_bytes foreign_key;
    sf_status status;

    if (!sf_bytes_is_null(sf_answer_of(record->value)->value))
        return SF_OK;
    status = find_left(at, arena, record, &left, err);
    if (status || left.is_current)
        return status;
    status = sf_foreign_key_select(at->join, arena, record, left.value, &foreign_key, err);
    if (status || sf_bytes_is_null(foreign_key))
        return status;
    return tell(at, context, record, &left, foreign_key, err);
}

sf_processor sf_foreign_key_ask_again_processor(sf_foreign_key_join *join)
{
    return (sf_processor){.init = init, .process = ask_again, .user = join};
}
