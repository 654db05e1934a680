#include "dsl/operators/kept_rows.h"

#include "store/store_implementation.h"
#include "store/task_stores.h"
#include "topology/processor_implementation.h"

/* What a store holds as in-flight bytes of our own. */
static sf_status decode_copy(const sf_kept_rows *rows, sf_bytes stored, sf_bytes *value,
                             sf_error *err)
{
    sf_arena *arena = sf_context_arena(rows->context);

    return sf_serde_decode(rows->plan->value, sf_arena_copy(arena, stored), arena, value, err);
}

/* A cached change on its way downstream, at the commit. */
static sf_status forward_cached(void *user, sf_bytes key, sf_stored now, sf_stored before,
                                sf_error *err)
{
    sf_kept_rows *rows = user;
    sf_arena *arena = sf_context_arena(rows->context);
    sf_change change = {.record = {.timestamp = now.timestamp}};
    sf_status status;

    change.record.headers = sf_store_forwarded_headers(rows->cached);
    sf_arena_reset(arena);
    status =
        sf_serde_decode(rows->plan->key, sf_arena_copy(arena, key), arena, &change.record.key, err);
    if (!status)
        status = decode_copy(rows, now.value, &change.record.value, err);
    if (!status && rows->plan->sends_before)
        status = decode_copy(rows, before.value, &change.before, err);
    return status ? status : sf_context_forward_cached(rows->context, &change.record, err);
}

sf_status sf_kept_rows_init(sf_kept_rows *rows, const sf_kept_rows_plan *plan, sf_context *context,
                            sf_error *err)
{
    bool has_children = context->node->child_count > 0;
    sf_store *store = sf_context_store(context, plan->store);

    *rows = (sf_kept_rows){.plan = plan, .context = context};
    if (plan->is_versioned)
        rows->versions = sf_context_versioned_store(context, plan->store);
    else
        rows->store = sf_context_key_value_store(context, plan->store);
    if (!rows->store && !rows->versions)
        return sf_fail(err, SF_INVALID, "the store '%s' is of another kind", plan->store);
    rows->forwards_at_once = has_children && (store->options.caching_off || plan->is_versioned);
    if (has_children && !rows->forwards_at_once) {
        rows->cached = store;
        sf_store_set_forward(store, forward_cached, rows);
    }
    return SF_OK;
}

static sf_status get(sf_kept_rows *rows, sf_bytes wire_key, sf_stored *stored, sf_error *err)
{
    if (rows->versions)
        return sf_versioned_store_get(rows->versions, wire_key, stored, err);
    return sf_key_value_store_get(rows->store, wire_key, stored, err);
}

sf_status sf_kept_rows_get(sf_kept_rows *rows, sf_bytes key, sf_row *row, sf_error *err)
{
    sf_stored stored;
    sf_status status;

    status =
        sf_serde_encode(rows->plan->key, key, sf_context_arena(rows->context), &row->wire_key, err);
    if (!status)
        status = get(rows, row->wire_key, &stored, err);
    if (status)
        return status;
    row->stored = SF_NULL;
    row->value = SF_NULL;
    row->timestamp = -1;
    if (sf_bytes_is_null(stored.value))
        return SF_OK;
    row->timestamp = stored.timestamp;
    if (rows->forwards_at_once && rows->plan->sends_before)
        row->stored = sf_arena_copy(sf_context_arena(rows->context), stored.value);
    return decode_copy(rows, stored.value, &row->value, err);
}

sf_status sf_kept_rows_find(sf_kept_rows *rows, sf_bytes key, sf_row *row, sf_error *err)
{
    if (rows->forwards_at_once && rows->plan->sends_before)
        return sf_kept_rows_get(rows, key, row, err);
    row->stored = SF_NULL;
    row->value = SF_NULL;
    row->timestamp = -1;
    return sf_serde_encode(rows->plan->key, key, sf_context_arena(rows->context), &row->wire_key,
                           err);
}

/* *goes_on: whether anyone behind is to know. */
static sf_status put_version(sf_kept_rows *rows, sf_bytes wire_key, sf_bytes value,
                             sf_change *change, bool *goes_on, sf_error *err)
{
    int64_t valid_to;
    sf_status status = sf_versioned_store_put(rows->versions, wire_key, value,
                                              change->record.timestamp, &valid_to, err);

    if (status)
        return status;
    if (valid_to == SF_VERSION_NOT_PUT) {
        sf_context_count_dropped_for(rows->context, SF_DROP_LATE);
        *goes_on = false;
    }
    change->is_stale = valid_to != SF_VERSION_NOW;
    return SF_OK;
}

static sf_status put(sf_kept_rows *rows, sf_bytes wire_key, sf_change *change, sf_error *err)
{
    bool goes_on = rows->forwards_at_once;
    sf_bytes value;
    sf_status status = sf_serde_encode(rows->plan->value, change->record.value,
                                       sf_context_arena(rows->context), &value, err);

    if (status)
        return status;
    if (rows->cached)
        sf_store_set_headers(rows->cached, change->record.headers);
    change->is_stale = false;
    if (rows->versions)
        status = put_version(rows, wire_key, value, change, &goes_on, err);
    else
        status =
            sf_key_value_store_put(rows->store, wire_key, value, change->record.timestamp, err);
    if (status || !goes_on)
        return status;
    return sf_context_forward(rows->context, &change->record, err);
}

sf_status sf_kept_rows_put(sf_kept_rows *rows, const sf_row *row, const sf_record *record,
                           sf_error *err)
{
    sf_change change = {.record = *record};
    sf_status status = SF_OK;

    if (rows->forwards_at_once)
        status = decode_copy(rows, row->stored, &change.before, err);
    return status ? status : put(rows, row->wire_key, &change, err);
}

sf_status sf_kept_rows_put_change(sf_kept_rows *rows, const sf_change *change, sf_error *err)
{
    sf_change copy = *change;
    sf_bytes wire_key;
    sf_status status = sf_serde_encode(rows->plan->key, change->record.key,
                                       sf_context_arena(rows->context), &wire_key, err);

    return status ? status : put(rows, wire_key, &copy, err);
}
