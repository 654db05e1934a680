/* foreign_key_resolve.c - step 4: an answer meets the left row, if that is still the one that asked. */
#include "dsl/operators/foreign_key.h"
#include "dsl/operators/foreign_key_messages.h"
#include "topology/processor_implementation.h"

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

static sf_status is_current(const sf_foreign_key_join *join, sf_arena *arena, sf_bytes left,
                            const sf_answer *answer, bool *current, sf_error *err)
{
    sf_row_hash hash;
    sf_bytes wire;
    sf_status status = sf_serde_encode(join->left_value, left, arena, &wire, err);

    if (status)
        return status;
    hash = sf_row_hash_of(wire);
    *current = sf_row_hash_equal(&hash, &answer->hash);
    return SF_OK;
}

static sf_status process(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    const resolver *at = state;
    const sf_foreign_key_join *join = at->join;
    const sf_answer *answer = sf_answer_of(record->value);
    sf_arena *arena = sf_context_arena(context);
    sf_record out = *record, left = *record;
    bool current, has_result;
    sf_stored row;
    sf_status status = sf_lookup_get_sent(at->left, record->key, &row, err);

    if (!status)
        status = is_current(join, arena, row.value, answer, &current, err);
    if (status)
        return status;
    if (!current) {
        sf_context_count_dropped(context);
        return SF_OK;
    }
    left.value = row.value;
    out.value = SF_NULL;
    has_result =
        !sf_bytes_is_null(row.value) && (join->is_left || !sf_bytes_is_null(answer->value));
    if (has_result)
        status = join->join(join->join_user, arena, &left, answer->value, &out.value, err);
    return status ? status : sf_context_forward(context, &out, err);
}

sf_processor sf_foreign_key_resolve_processor(sf_foreign_key_join *join)
{
    return (sf_processor){.init = init, .process = process, .user = join};
}
