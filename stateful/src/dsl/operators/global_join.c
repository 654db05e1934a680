#include "dsl/operators/global_join.h"

#include "store/registry.h"
#include "topology/processor_implementation.h"

typedef struct global_join {
    const sf_global_join_plan *plan;
    sf_published **rows; /* one: the store has no partitions */
    size_t count;
} global_join;

static sf_status init(void *user, sf_context *context, void **state, sf_error *err)
{
    const sf_global_join_plan *plan = user;
    global_join *made = sf_arena_zalloc(context->pipeline->memory, sizeof(*made));

    made->plan = plan;
    made->rows = sf_registry_acquire(context->pipeline->state, plan->store, &made->count);
    *state = made;
    if (made->count)
        return SF_OK;
    sf_registry_release(made->rows, made->count);
    return sf_fail(err, SF_INVALID, "the global table '%s' is not there", plan->store);
}

static void let_go(void *state)
{
    global_join *at = state;

    sf_registry_release(at->rows, at->count);
}

static sf_status look_up(const global_join *at, sf_arena *arena, sf_bytes key, sf_bytes *value,
                         sf_error *err)
{
    sf_state_pin pin = {0};
    sf_stored stored;
    sf_bytes wire;
    sf_status status = sf_serde_encode(at->plan->key, key, arena, &wire, err);

    if (!status)
        status = sf_published_get(at->rows[0], wire, &stored, &pin, err);
    if (!status)
        status =
            sf_serde_decode(at->plan->value, sf_arena_copy(arena, stored.value), arena, value, err);
    sf_state_pin_release(&pin);
    return status;
}

/* *key = the one to look up. */
static sf_status select_key(const global_join *at, sf_arena *arena, const sf_record *record,
                            sf_bytes *key, sf_error *err)
{
    sf_record selected = *record;
    sf_status status = at->plan->select(at->plan->select_user, arena, record, &selected, err);

    *key = selected.key;
    return status;
}

static sf_status process(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    const global_join *at = state;
    sf_arena *arena = sf_context_arena(context);
    bool is_left = at->plan->is_left;
    sf_bytes key = SF_NULL, right = SF_NULL;
    sf_status status = SF_OK;

    if (!sf_bytes_is_null(record->value))
        status = select_key(at, arena, record, &key, err);
    if (status)
        return status;
    if (sf_bytes_is_null(record->value) || (sf_bytes_is_null(key) && !is_left)) {
        sf_context_count_dropped_for(context, SF_DROP_NULL);
        return SF_OK;
    }
    if (!sf_bytes_is_null(key))
        status = look_up(at, arena, key, &right, err);
    if (status || (sf_bytes_is_null(right) && !is_left))
        return status;
    return sf_joiner_forward(&at->plan->joiner, context, record, record->value, right, err);
}

sf_processor sf_global_join_processor(sf_global_join_plan *plan)
{
    return (sf_processor){.init = init, .process = process, .close = let_go, .user = plan};
}
