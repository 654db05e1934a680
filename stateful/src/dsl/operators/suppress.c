#include "dsl/operators/suppress.h"

#include <inttypes.h>

#include <stateful/windowed.h>

#include "dsl/operators/change.h"
#include "dsl/operators/held_updates.h"
#include "topology/processor_implementation.h"

typedef struct suppressor {
    const sf_suppress_plan *plan;
    sf_context *context;
    sf_key_value_store *held;
    int64_t *seen; /* stream time of this operator */
} suppressor;

static sf_status find_store(const sf_suppress_plan *plan, sf_context *context,
                            sf_key_value_store **held, sf_error *err)
{
    *held = sf_context_key_value_store(context, plan->store);
    if (!*held)
        return sf_fail(err, SF_INVALID, "the store '%s' is not a key-value store", plan->store);
    return SF_OK;
}

static sf_status init(void *user, sf_context *context, void **state, sf_error *err)
{
    const sf_suppress_plan *plan = user;
    suppressor *made = sf_arena_zalloc(context->pipeline->memory, sizeof(*made));
    sf_status status = find_store(plan, context, &made->held, err);

    made->plan = plan;
    made->context = context;
    *state = made;
    return status ? status : sf_context_time(context, "seen", plan->store, &made->seen, err);
}

/* ---- in ---- */

static sf_status time_of(const sf_suppress_plan *plan, const sf_record *record, int64_t *time,
                         sf_error *err)
{
    const sf_windowed *windowed;

    *time = record->timestamp;
    if (!plan->is_final)
        return SF_OK;
    windowed = sf_windowed_of(record->key);
    if (!windowed)
        return sf_fail(err, SF_INVALID, "'%s' waits for windows to close, but a key has none",
                       plan->store);
    *time = windowed->end_ms;
    return SF_OK;
}

/* The change as it is kept; what went on last is the value before the first update that waits. */
static sf_status hold(suppressor *at, const sf_change *change, sf_held_totals *totals,
                      sf_error *err)
{
    const sf_suppress_plan *plan = at->plan;
    sf_arena *arena = sf_context_arena(at->context);
    sf_held_update replaced,
        update = {.timestamp = change->record.timestamp, .headers = change->record.headers};
    bool is_held;
    sf_status status = sf_serde_encode(plan->key, change->record.key, arena, &update.key, err);

    if (!status)
        status = sf_serde_encode(plan->value, change->record.value, arena, &update.value, err);
    if (!status)
        status = sf_held_updates_find(at->held, update.key, arena, &replaced, &is_held, err);
    if (status)
        return status;
    if (is_held) {
        update.time = replaced.time;
        update.before = replaced.before;
        return sf_held_updates_put(at->held, &update, &replaced, arena, totals, err);
    }
    status = time_of(plan, &change->record, &update.time, err);
    if (!status)
        status = sf_serde_encode(plan->value, change->before, arena, &update.before, err);
    return status ? status : sf_held_updates_put(at->held, &update, NULL, arena, totals, err);
}

/* ---- out ---- */

static bool is_full(const sf_suppress_plan *plan, const sf_held_totals *totals)
{
    return (plan->max_keys && totals->keys > plan->max_keys) ||
           (plan->max_bytes && totals->bytes > plan->max_bytes);
}

static bool is_due(void *user, int64_t time, const sf_held_totals *totals)
{
    const suppressor *at = user;
    const sf_suppress_plan *plan = at->plan;

    if (plan->wait_ms >= 0 && time <= *at->seen - plan->wait_ms)
        return true;
    return !plan->stops_when_full && is_full(plan, totals);
}

static sf_status send(void *user, const sf_held_update *update, sf_error *err)
{
    suppressor *at = user;
    const sf_suppress_plan *plan = at->plan;
    sf_arena *arena = sf_context_arena(at->context);
    sf_change change = {.record = {.timestamp = update->timestamp, .headers = update->headers}};
    sf_status status;

    if (plan->is_final && sf_bytes_is_null(update->value))
        return SF_OK;
    status = sf_serde_decode(plan->key, update->key, arena, &change.record.key, err);
    if (!status)
        status = sf_serde_decode(plan->value, sf_arena_copy(arena, update->value), arena,
                                 &change.record.value, err);
    if (!status)
        status = sf_serde_decode(plan->value, sf_arena_copy(arena, update->before), arena,
                                 &change.before, err);
    return status ? status : sf_context_forward(at->context, &change.record, err);
}

static sf_status process(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    suppressor *at = state;
    const sf_suppress_plan *plan = at->plan;
    sf_held_taker sender = {is_due, send, at};
    sf_held_totals totals;
    sf_status status;

    if (record->timestamp > *at->seen)
        *at->seen = record->timestamp;
    status = sf_held_updates_totals(at->held, &totals, err);
    if (!status)
        status = hold(at, sf_change_of(record), &totals, err);
    if (!status)
        status = sf_held_updates_take(at->held, &sender, sf_context_arena(context), &totals, err);
    if (!status && is_full(plan, &totals))
        return sf_fail(err, SF_INVALID,
                       "the buffer of '%s' is full: %" PRIu64 " keys and %" PRIu64
                       " bytes wait, allowed are %" PRIu64 " and %" PRIu64,
                       plan->store, totals.keys, totals.bytes, plan->max_keys, plan->max_bytes);
    return status ? status : sf_held_updates_settle(at->held, &totals, err);
}

/* ---- lookup ---- */

typedef struct suppressed_lookup {
    sf_lookup base;
    const sf_suppress_plan *plan;
    sf_context *context;
    sf_key_value_store *held;
    const sf_lookup *from;
} suppressed_lookup;

/* What was sent on. While an update waits, the row is still what it was; of when, nobody knows any
 * more. */
static sf_status get(const sf_lookup *lookup, sf_bytes key, int64_t as_of, sf_stored *row,
                     sf_error *err)
{
    const suppressed_lookup *at = (const suppressed_lookup *)lookup;
    sf_arena *arena = sf_context_arena(at->context);
    sf_held_update update;
    bool is_held;
    sf_bytes wire;
    sf_status status = sf_serde_encode(at->plan->key, key, arena, &wire, err);

    (void)as_of; /* never versioned */
    if (!status)
        status = sf_held_updates_find(at->held, wire, arena, &update, &is_held, err);
    if (status)
        return status;
    if (!is_held)
        return sf_lookup_get_sent(at->from, key, row, err);
    *row = sf_lookup_nothing();
    return sf_serde_decode(at->plan->value, sf_arena_copy(arena, update.before), arena, &row->value,
                           err);
}

static sf_status open(const sf_lookup_plan *plan, sf_context *context, const sf_lookup **lookup,
                      sf_error *err)
{
    suppressed_lookup *made = sf_arena_zalloc(context->pipeline->memory, sizeof(*made));
    sf_status status;

    made->base.get = get;
    made->plan = (const sf_suppress_plan *)plan;
    made->context = context;
    *lookup = &made->base;
    status = find_store(made->plan, context, &made->held, err);
    return status ? status : sf_lookup_open(made->plan->from, context, &made->from, err);
}

sf_processor sf_suppress_processor(sf_suppress_plan *plan)
{
    plan->lookup.open = open;
    return (sf_processor){.init = init, .process = process, .user = plan};
}
