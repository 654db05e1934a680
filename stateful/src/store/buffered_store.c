#include "store/buffered_store.h"

#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "store/window_key.h"

char *sf_store_family_name(const char *store)
{
    return sf_text_printf("store-%s", store);
}

static void publish_time(sf_buffered_store *store)
{
    if (store->place.expiry)
        sf_expiry_set_time(store->place.expiry, store->place.partition, store->observed_committed);
}

sf_buffered_store *sf_buffered_store_new(const sf_store_options *options,
                                         const sf_store_place *place)
{
    sf_buffered_store *store = sf_zalloc(sizeof(*store));

    store->base.options = *options;
    store->base.options.name = sf_text_copy(options->name);
    store->place = *place;
    store->buffer = sf_write_buffer_new(&(sf_write_buffer_options){
        .pool = place->pool,
        .db = place->db,
        .family = place->family,
        .partition = place->partition,
        .store = store->base.options.name,
    });
    store->observed = -1;
    store->observed_flushed = -1;
    store->observed_committed = -1;
    publish_time(store); /* whoever held the partition before may have known another time */
    return store;
}

void sf_buffered_store_free(sf_buffered_store *store)
{
    if (!store)
        return;
    sf_write_buffer_free(store->buffer);
    sf_buffer_done(&store->key);
    free((char *)store->base.options.name);
    free(store);
}

void sf_buffered_store_set_forwarding(sf_buffered_store *store, sf_buffer_forward_fn forward,
                                      void *user)
{
    store->forward = forward;
    store->forward_user = user;
    sf_write_buffer_set_forwards(store->buffer);
}

/* ---- observed time ---- */

void sf_buffered_store_observe(sf_buffered_store *store, int64_t stream_time_ms)
{
    if (stream_time_ms <= store->observed)
        return;
    if (store->observed_savepoint != store->place.pool->savepoint) {
        store->observed_savepoint = store->place.pool->savepoint;
        store->observed_before = store->observed;
    }
    store->observed = stream_time_ms;
}

void sf_buffered_store_observe_committed(sf_buffered_store *store, int64_t stream_time_ms)
{
    if (stream_time_ms <= store->observed)
        return;
    store->observed = stream_time_ms;
    store->observed_flushed = stream_time_ms;
    store->observed_committed = stream_time_ms;
    publish_time(store);
}

int64_t sf_buffered_store_first_start(const sf_buffered_store *store)
{
    return sf_expiry_first_start(store->base.options.retention_ms, store->observed);
}

void sf_buffered_store_undo(sf_buffered_store *store)
{
    if (store->observed_savepoint == store->place.pool->savepoint)
        store->observed = store->observed_before;
    store->observed_savepoint = 0;
    sf_write_buffer_undo(store->buffer);
}

/* ---- downstream and changelog ---- */

/* The key as the changelog has it; valid until the next call. */
static sf_status logged_key(sf_buffered_store *store, sf_bytes key, sf_bytes *logged, sf_error *err)
{
    sf_window_key window;

    *logged = key;
    if (store->base.options.kind != SF_WINDOW_STORE)
        return SF_OK;
    if (!sf_window_key_decode(store->base.options.by_time, key, &window))
        return sf_fail(err, SF_CORRUPT, "store %s: a key of %zu bytes has no window",
                       store->base.options.name, key.size);
    sf_window_key_encode_logged(window.key, window.start_ms, &store->key);
    *logged = sf_buffer_bytes(&store->key);
    return SF_OK;
}

static sf_status forward_one(void *user, sf_bytes key, sf_stored now, sf_stored before,
                             sf_error *err)
{
    sf_buffered_store *store = user;
    sf_bytes logged;
    sf_status status = logged_key(store, key, &logged, err);

    return status ? status : store->forward(store->forward_user, logged, now, before, err);
}

sf_status sf_buffered_store_forward(sf_buffered_store *store, sf_error *err)
{
    return store->forward ? sf_write_buffer_forward(store->buffer, forward_one, store, err) : SF_OK;
}

typedef struct flush_context {
    sf_buffered_store *store;
    sf_buffer_flush_fn changed;
    void *user;
} flush_context;

static sf_status flush_one(void *user, sf_bytes key, sf_bytes value, int64_t timestamp,
                           sf_error *err)
{
    flush_context *context = user;
    sf_bytes logged;
    sf_status status = logged_key(context->store, key, &logged, err);

    return status ? status : context->changed(context->user, logged, value, timestamp, err);
}

sf_status sf_buffered_store_flush(sf_buffered_store *store, sf_state_batch *batch,
                                  sf_buffer_flush_fn changed, void *user, sf_error *err)
{
    flush_context context = {.store = store, .changed = changed, .user = user};
    bool is_logged = changed && !store->base.options.logging_off;

    store->observed_flushed = store->observed;
    return sf_write_buffer_flush(store->buffer, batch, is_logged ? flush_one : NULL, &context, err);
}

void sf_buffered_store_committed(sf_buffered_store *store)
{
    sf_write_buffer_committed(store->buffer);
    store->observed_committed = store->observed_flushed;
    publish_time(store);
}

void sf_buffered_store_abort(sf_buffered_store *store)
{
    sf_write_buffer_abort(store->buffer);
    store->observed = store->observed_committed;
    store->observed_flushed = store->observed_committed;
    store->observed_savepoint = 0;
}

/* ---- restore ---- */

static sf_status restore_window(sf_buffered_store *store, sf_bytes logged, sf_bytes value,
                                sf_bytes *key, bool *has_expired, sf_error *err)
{
    sf_window_key window;

    if (!sf_window_key_decode_logged(logged, &window))
        return sf_fail(err, SF_CORRUPT, "changelog of store %s: a key of %zu bytes has no window",
                       store->base.options.name, logged.size);
    if (value.data)
        sf_buffered_store_observe_committed(store, (int64_t)sf_get_be64(value.data));
    *has_expired = window.start_ms < sf_buffered_store_first_start(store);
    sf_window_key_encode(store->base.options.by_time, window.key, window.start_ms, &store->key);
    *key = sf_buffer_bytes(&store->key);
    return SF_OK;
}

static void restore_key(sf_buffered_store *store, sf_bytes key, sf_bytes value,
                        sf_state_batch *batch)
{
    sf_bytes full = sf_write_buffer_full_key(store->buffer, key);

    if (value.data)
        sf_state_batch_put(batch, store->place.family, full, value);
    else
        sf_state_batch_delete(batch, store->place.family, full);
}

sf_status sf_buffered_store_restore(sf_buffered_store *store, sf_bytes logged, sf_bytes value,
                                    sf_state_batch *batch, sf_error *err)
{
    sf_bytes key = logged;
    bool has_expired = false;
    sf_status status = SF_OK;

    if (!logged.data || (value.data && value.size < 8))
        return sf_fail(err, SF_CORRUPT, "changelog of store %s: a record %s",
                       store->base.options.name,
                       logged.data ? "has no timestamp in its value" : "without a key");
    if (store->base.options.kind == SF_WINDOW_STORE)
        status = restore_window(store, logged, value, &key, &has_expired, err);
    if (!status && !has_expired)
        restore_key(store, key, value, batch);
    return status;
}

void sf_buffered_store_clear(sf_buffered_store *store, sf_state_batch *batch)
{
    uint8_t lower[4];
    uint8_t upper[4];

    sf_write_buffer_clear(store->buffer);
    sf_put_be32(lower, (uint32_t)store->place.partition);
    sf_put_be32(upper, (uint32_t)store->place.partition + 1);
    sf_state_batch_delete_range(batch, store->place.family, sf_bytes_of(lower, sizeof(lower)),
                                sf_bytes_of(upper, sizeof(upper)));
    store->observed = -1;
    store->observed_flushed = -1;
    store->observed_committed = -1;
    publish_time(store);
}
