#include "base/encoding.h"
#include "store/buffered_store.h"
#include "store/meta.h"
#include "store/session_key.h"
#include "store/store_layout.h"

static void restore_row(sf_buffered_store *store, bool side, sf_bytes key, sf_bytes value,
                        sf_state_batch *batch)
{
    sf_bytes full = sf_write_buffer_full_key(side ? store->side : store->buffer, key);
    sf_state_family *family = side ? store->place.side_family : store->place.family;

    if (value.data)
        sf_state_batch_put(batch, family, full, value);
    else
        sf_state_batch_delete(batch, family, full);
}

/* The row of an index: the timestamp alone. */
static sf_bytes indexed_value(sf_bytes value)
{
    return value.data ? sf_bytes_of(value.data, 8) : SF_NULL;
}

static sf_status refuse_logged_key(const sf_buffered_store *store, sf_bytes logged, sf_error *err)
{
    return sf_fail(err, SF_CORRUPT, "changelog of store %s: a key of %zu bytes has no %s",
                   store->base.options.name, logged.size,
                   store->base.options.kind == SF_WINDOW_STORE ? "window" : "session");
}

static sf_status restore_window(sf_buffered_store *store, sf_bytes logged, sf_bytes value,
                                sf_state_batch *batch, sf_error *err)
{
    sf_window_layout layout = sf_store_window_layout(&store->base.options);
    sf_window_key window;

    if (!sf_window_key_decode_logged(logged, &window))
        return refuse_logged_key(store, logged, err);
    sf_buffered_store_observe_committed(store, window.start_ms);
    if (window.start_ms < sf_buffered_store_first_kept(store))
        return SF_OK;
    sf_write_buffer_end_filter(store->buffer);
    sf_window_key_encode(layout, &window, &store->key);
    restore_row(store, false, sf_buffer_bytes(&store->key), value, batch);
    if (!store->side)
        return SF_OK;
    layout.by_time = true;
    sf_window_key_encode(layout, &window, &store->key);
    restore_row(store, true, sf_buffer_bytes(&store->key), indexed_value(value), batch);
    return SF_OK;
}

static sf_status restore_session(sf_buffered_store *store, sf_bytes logged, sf_bytes value,
                                 sf_state_batch *batch, sf_error *err)
{
    sf_session_key session;

    if (!sf_session_key_decode(logged, &session))
        return refuse_logged_key(store, logged, err);
    sf_buffered_store_observe_committed(store, session.end_ms);
    if (session.end_ms < sf_buffered_store_first_kept(store))
        return SF_OK;
    restore_row(store, false, logged, value, batch);
    if (!store->side)
        return SF_OK;
    sf_session_key_encode_by_end(&session, &store->key);
    restore_row(store, true, sf_buffer_bytes(&store->key), indexed_value(value), batch);
    return SF_OK;
}

sf_status sf_buffered_store_restore(sf_buffered_store *store, sf_bytes logged, sf_bytes value,
                                    sf_state_batch *batch, sf_error *err)
{
    if (!logged.data || (value.data && value.size < 8))
        return sf_fail(err, SF_CORRUPT, "changelog of store %s: a record %s",
                       store->base.options.name,
                       logged.data ? "has no timestamp in its value" : "without a key");
    switch (store->base.options.kind) {
    case SF_WINDOW_STORE:
        return restore_window(store, logged, value, batch, err);
    case SF_SESSION_STORE:
        return restore_session(store, logged, value, batch, err);
    default:
        restore_row(store, false, logged, value, batch);
        return SF_OK;
    }
}

static void delete_partition(sf_buffered_store *store, sf_state_family *family,
                             sf_state_batch *batch)
{
    uint8_t lower[4];
    uint8_t upper[4];

    sf_put_be32(lower, (uint32_t)store->place.partition);
    sf_put_be32(upper, (uint32_t)store->place.partition + 1);
    sf_state_batch_delete_range(batch, family, sf_bytes_of(lower, sizeof(lower)),
                                sf_bytes_of(upper, sizeof(upper)));
}

sf_status sf_buffered_store_clear(sf_buffered_store *store, sf_state_batch *batch, sf_error *err)
{
    sf_write_buffer_clear(store->buffer);
    delete_partition(store, store->place.family, batch);
    if (store->side) {
        sf_write_buffer_clear(store->side);
        delete_partition(store, store->place.side_family, batch);
    }
    if (store->log)
        sf_write_buffer_clear(store->log);
    sf_buffered_store_forget_time(store);
    return sf_meta_delete(store->place.db, batch, SF_META_OBSERVED, store->base.options.name,
                          store->place.partition, err);
}
