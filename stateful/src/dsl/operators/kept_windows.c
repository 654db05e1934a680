#include "dsl/operators/kept_windows.h"

#include <stateful/windowed.h>

#include "store/store_implementation.h"
#include "store/task_stores.h"
#include "store/window_key.h"
#include "topology/processor_implementation.h"

static sf_status decode_copy(const sf_kept_windows *windows, const sf_serde *serde, sf_bytes stored,
                             sf_bytes *value, sf_error *err)
{
    sf_arena *arena = sf_context_arena(windows->context);

    return sf_serde_decode(serde, sf_arena_copy(arena, stored), arena, value, err);
}

static sf_bytes windowed_key(const sf_kept_windows *windows, sf_bytes key, int64_t start_ms)
{
    sf_windowed windowed = {key, start_ms, sf_kept_windows_end(windows->plan, start_ms)};

    return sf_windowed_bytes(windowed, sf_context_arena(windows->context));
}

/* A cached change on its way downstream, at the commit. */
static sf_status forward_cached(void *user, sf_bytes logged, sf_stored now, sf_stored before,
                                sf_error *err)
{
    sf_kept_windows *windows = user;
    const sf_kept_windows_plan *plan = windows->plan;
    sf_change change = {.record = {.timestamp = now.timestamp}};
    sf_window_key key;
    sf_status status;

    change.record.headers = sf_store_forwarded_headers(windows->cached);
    sf_arena_reset(sf_context_arena(windows->context));
    if (!sf_window_key_decode_logged(logged, &key))
        return sf_fail(err, SF_CORRUPT, "the store '%s' has a key without a window", plan->store);
    status = decode_copy(windows, plan->key, key.key, &change.record.key, err);
    if (!status)
        status = decode_copy(windows, plan->value, now.value, &change.record.value, err);
    if (!status && plan->sends_before)
        status = decode_copy(windows, plan->value, before.value, &change.before, err);
    if (status)
        return status;
    change.record.key = windowed_key(windows, change.record.key, key.start_ms);
    return sf_context_forward_cached(windows->context, &change.record, err);
}

sf_status sf_kept_windows_init(sf_kept_windows *windows, const sf_kept_windows_plan *plan,
                               sf_context *context, sf_error *err)
{
    sf_store *store = context->stores[0];
    bool goes_on = context->node->child_count > 0 && !plan->is_final;

    *windows = (sf_kept_windows){.plan = plan, .context = context};
    windows->store = sf_context_window_store(context, plan->store);
    if (!windows->store)
        return sf_fail(err, SF_INVALID, "the store '%s' is not a window store", plan->store);
    windows->forwards_at_once = goes_on && store->options.caching_off;
    if (goes_on && !store->options.caching_off) {
        windows->cached = store;
        sf_store_set_forward(store, forward_cached, windows);
    }
    return SF_OK;
}

sf_status sf_kept_windows_get(sf_kept_windows *windows, sf_bytes key, int64_t start_ms,
                              sf_window_row *row, sf_error *err)
{
    sf_stored stored;
    sf_status status = sf_window_store_get(windows->store, key, start_ms, &stored, err);

    if (!status)
        *row = (sf_window_row){start_ms, stored.value, stored.timestamp};
    return status;
}

sf_status sf_kept_windows_value(const sf_kept_windows *windows, const sf_window_row *row,
                                sf_bytes *value, sf_error *err)
{
    return decode_copy(windows, windows->plan->value, row->stored, value, err);
}

sf_status sf_kept_windows_put(sf_kept_windows *windows, const sf_window_change *change,
                              sf_error *err)
{
    sf_arena *arena = sf_context_arena(windows->context);
    sf_change windowed = change->change;
    sf_bytes value;
    sf_status status;

    status = sf_serde_encode(windows->plan->value, windowed.record.value, arena, &value, err);
    if (!status && windows->cached)
        sf_store_set_headers(windows->cached, windowed.record.headers);
    if (!status)
        status = sf_window_store_put(windows->store, change->wire_key, change->start_ms, value,
                                     windowed.record.timestamp, NULL, err);
    if (status || !windows->forwards_at_once)
        return status;
    windowed.record.key = windowed_key(windows, windowed.record.key, change->start_ms);
    return sf_context_forward(windows->context, &windowed.record, err);
}

static sf_status emit_one(sf_kept_windows *windows, const sf_record *trigger, sf_bytes key,
                          const sf_window_row *row, sf_error *err)
{
    sf_change change = {.record = *trigger};
    sf_status status = decode_copy(windows, windows->plan->key, key, &change.record.key, err);

    change.record.timestamp = row->timestamp;
    if (!status)
        status = sf_kept_windows_value(windows, row, &change.record.value, err);
    if (status)
        return status;
    change.record.key = windowed_key(windows, change.record.key, row->start_ms);
    return sf_context_forward(windows->context, &change.record, err);
}

sf_status sf_kept_windows_emit(sf_kept_windows *windows, const sf_record *trigger, int64_t first_ms,
                               int64_t last_ms, sf_error *err)
{
    sf_window_iterator *iterator;
    sf_window_row row;
    sf_stored stored;
    sf_bytes key;
    sf_status status;
    sf_status sent = SF_OK;

    status = sf_window_store_fetch_all(windows->store, first_ms, last_ms, &iterator, err);
    if (status)
        return status;
    while (!sent && sf_window_iterator_next(iterator, &key, &row.start_ms, &stored, &status, err)) {
        row.stored = stored.value;
        row.timestamp = stored.timestamp;
        sent = emit_one(windows, trigger, key, &row, err);
    }
    sf_window_iterator_free(iterator);
    return sent ? sent : status;
}
