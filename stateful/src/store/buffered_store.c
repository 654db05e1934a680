#include "store/buffered_store.h"

#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "store/store_layout.h"

static void publish_time(sf_buffered_store *store)
{
    if (store->place.expiry)
        sf_expiry_set_time(store->place.expiry, store->place.partition, store->observed_committed);
}

static sf_write_buffer *new_buffer(sf_buffered_store *store, sf_state_family *family)
{
    return sf_write_buffer_new(&(sf_write_buffer_options){
        .pool = store->place.pool,
        .db = store->place.db,
        .family = family,
        .partition = store->place.partition,
        .store = store->base.options.name,
    });
}

sf_buffered_store *sf_buffered_store_new(const sf_store_options *options,
                                         const sf_store_place *place)
{
    sf_buffered_store *store = sf_zalloc(sizeof(*store));

    store->base.options = *options;
    store->base.options.name = sf_text_copy(options->name);
    store->place = *place;
    store->retention = sf_retention_of(options);
    store->buffer = new_buffer(store, place->family);
    if (place->side_family)
        store->side = new_buffer(store, place->side_family);
    sf_buffered_store_forget_time(
        store); /* whoever held the partition before may have known another time */
    return store;
}

void sf_buffered_store_free(sf_buffered_store *store)
{
    if (!store)
        return;
    sf_write_buffer_free(store->buffer);
    sf_write_buffer_free(store->side);
    sf_write_buffer_free(store->log);
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

void sf_buffered_store_forget_time(sf_buffered_store *store)
{
    store->observed = -1;
    store->observed_flushed = -1;
    store->observed_committed = -1;
    publish_time(store);
}

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

int64_t sf_buffered_store_first_shown(const sf_buffered_store *store)
{
    return sf_retention_first_shown(&store->retention, store->observed);
}

int64_t sf_buffered_store_first_kept(const sf_buffered_store *store)
{
    return sf_retention_first_kept(&store->retention, store->observed);
}

bool sf_buffered_store_has_expired(const sf_buffered_store *store, int64_t time_ms)
{
    return sf_retention_is_expired(&store->retention, store->observed, time_ms);
}

/* ---- rows ---- */

static sf_range *open_range(void *user, bool side, sf_bytes from, sf_bytes to, bool backwards)
{
    sf_buffered_store *store = user;

    return sf_write_buffer_range(side ? store->side : store->buffer, from, to, backwards);
}

static sf_status read_row(void *user, sf_bytes key, sf_buffer *to, sf_error *err)
{
    sf_buffered_store *store = user;
    sf_stored stored;
    sf_status status = sf_write_buffer_get(store->buffer, key, &stored, err);

    if (status || !stored.value.data)
        return status;
    sf_put_be64(sf_buffer_extend(to, 8), (uint64_t)stored.timestamp);
    sf_buffer_add_bytes(to, stored.value);
    return SF_OK;
}

sf_row_source sf_buffered_store_rows(sf_buffered_store *store)
{
    return (sf_row_source){.store = store, .open = open_range, .read = read_row};
}

void sf_buffered_store_undo(sf_buffered_store *store)
{
    if (store->observed_savepoint == store->place.pool->savepoint)
        store->observed = store->observed_before;
    store->observed_savepoint = 0;
    sf_write_buffer_undo(store->buffer);
    if (store->side)
        sf_write_buffer_undo(store->side);
    if (store->log)
        sf_write_buffer_undo(store->log);
}

/* ---- downstream and changelog ---- */

/* The key as the changelog has it; valid until the next call. */
static sf_status logged_key(sf_buffered_store *store, sf_bytes key, sf_bytes *logged, sf_error *err)
{
    sf_window_key window;

    *logged = key;
    if (store->base.options.kind != SF_WINDOW_STORE)
        return SF_OK;
    if (!sf_window_key_decode(sf_store_window_layout(&store->base.options), key, &window))
        return sf_fail(err, SF_CORRUPT, "store %s: a key of %zu bytes has no window",
                       store->base.options.name, key.size);
    sf_window_key_encode_logged(&window, &store->key);
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
    sf_status status =
        sf_write_buffer_flush(store->buffer, batch, is_logged ? flush_one : NULL, &context, err);

    if (!status && store->side)
        status = sf_write_buffer_flush(store->side, batch, NULL, NULL, err);
    store->observed_flushed = store->observed;
    return status;
}

void sf_buffered_store_committed(sf_buffered_store *store)
{
    sf_write_buffer_committed(store->buffer);
    if (store->side)
        sf_write_buffer_committed(store->side);
    store->observed_committed = store->observed_flushed;
    publish_time(store);
}

void sf_buffered_store_abort(sf_buffered_store *store)
{
    sf_write_buffer_abort(store->buffer);
    if (store->side)
        sf_write_buffer_abort(store->side);
    store->observed = store->observed_committed;
    store->observed_flushed = store->observed_committed;
    store->observed_savepoint = 0;
}
