#include "dsl/operators/stream_join.h"

#include "dsl/operators/unmatched.h"
#include "topology/processor_implementation.h"

typedef struct stream_join {
    const sf_stream_join_plan *plan;
    int side;
    sf_context *context;
    sf_window_store *others;
    sf_unmatched unmatched; /* if the plan has a store for them */
} stream_join;

static sf_status init(void *user, sf_context *context, void **state, sf_error *err)
{
    const sf_stream_join_node *node = user;
    const sf_stream_join_plan *plan = node->plan;
    const char *others = plan->sides[!node->side].store;
    stream_join *made = sf_arena_zalloc(context->pipeline->memory, sizeof(*made));

    made->plan = plan;
    made->side = node->side;
    made->context = context;
    made->others = sf_context_window_store(context, others);
    *state = made;
    if (!made->others)
        return sf_fail(err, SF_INVALID, "the store '%s' is not a window store", others);
    return plan->unmatched ? sf_unmatched_init(&made->unmatched, plan, context, err) : SF_OK;
}

/* other: in flight, null for none. */
static sf_status forward(const stream_join *at, const sf_record *record, sf_bytes other,
                         int64_t other_timestamp, sf_error *err)
{
    bool is_left = at->side == SF_JOIN_LEFT;
    sf_record result = *record;

    if (other_timestamp > result.timestamp)
        result.timestamp = other_timestamp;
    return sf_joiner_forward(&at->plan->joiner, at->context, &result,
                             is_left ? record->value : other, is_left ? other : record->value, err);
}

static sf_status meet_one(stream_join *at, const sf_record *record, sf_bytes key, int64_t time,
                          sf_bytes stored, sf_error *err)
{
    sf_arena *arena = sf_context_arena(at->context);
    int other_side = !at->side;
    sf_bytes other;
    sf_status status = sf_serde_decode(at->plan->sides[other_side].value,
                                       sf_arena_copy(arena, stored), arena, &other, err);

    if (!status && at->plan->unmatched)
        status = sf_unmatched_remove(&at->unmatched, other_side, key, time, err);
    return status ? status : forward(at, record, other, time, err);
}

/* *met = how many. */
static sf_status meet(stream_join *at, const sf_record *record, sf_bytes key, size_t *met,
                      sf_error *err)
{
    const sf_stream_side *side = &at->plan->sides[at->side];
    int64_t from = sf_join_time(record->timestamp, -side->before_ms);
    int64_t to = sf_join_time(record->timestamp, side->after_ms);
    sf_window_iterator *iterator;
    sf_bytes stored_key;
    sf_stored stored;
    int64_t time;
    sf_status status = sf_window_store_fetch(at->others, key, from, to, &iterator, err);

    *met = 0;
    if (status)
        return status;
    while (!status &&
           sf_window_iterator_next(iterator, &stored_key, &time, &stored, &status, err)) {
        ++*met;
        status = meet_one(at, record, key, time, stored.value, err);
    }
    sf_window_iterator_free(iterator);
    return status;
}

/* It waits if somebody may still come. */
static sf_status keep_or_forward(stream_join *at, const sf_record *record, sf_bytes key,
                                 sf_error *err)
{
    const sf_stream_side *side = &at->plan->sides[at->side];
    sf_bytes value;
    sf_status status;

    if (!at->plan->unmatched ||
        sf_join_time(record->timestamp, side->after_ms) < *at->unmatched.seen)
        return forward(at, record, SF_NULL, -1, err);
    status =
        sf_serde_encode(side->value, record->value, sf_context_arena(at->context), &value, err);
    if (status)
        return status;
    return sf_unmatched_add(&at->unmatched, at->side, key, value, record->timestamp, err);
}

static sf_status process(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    stream_join *at = state;
    const sf_stream_side *side = &at->plan->sides[at->side];
    bool has_key = !sf_bytes_is_null(record->key), has_value = !sf_bytes_is_null(record->value);
    sf_bytes key;
    size_t met;
    sf_status status = SF_OK;

    if (at->plan->unmatched)
        sf_unmatched_observe(&at->unmatched, record->timestamp);
    if (side->is_outer && !has_key && has_value)
        return forward(at, record, SF_NULL, -1, err);
    if (!has_key || !has_value) {
        sf_context_count_dropped_for(context, SF_DROP_NULL);
        return SF_OK;
    }
    if (at->plan->unmatched)
        status = sf_unmatched_emit(&at->unmatched, at->side, record, err);
    if (!status)
        status = sf_serde_encode(side->key, record->key, sf_context_arena(context), &key, err);
    if (!status)
        status = meet(at, record, key, &met, err);
    if (status || met || !side->is_outer)
        return status;
    return keep_or_forward(at, record, key, err);
}

sf_processor sf_stream_join_processor(sf_stream_join_node *node)
{
    return (sf_processor){.init = init, .process = process, .user = node};
}
