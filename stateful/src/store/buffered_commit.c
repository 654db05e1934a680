#include "store/buffer_entry.h"
#include "store/buffered_store.h"
#include "store/meta.h"
#include "store/store_layout.h"

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

/* From the log: the key has the timestamp at its end. */
static sf_status flush_version(void *user, sf_bytes key, sf_bytes value, int64_t timestamp,
                               sf_error *err)
{
    flush_context *context = user;

    key.size -= SF_TIMESTAMP_SIZE;
    if (!value.data && timestamp == 0)
        value = sf_bytes_of("", 1);
    return context->changed(context->user, key, value, timestamp, err);
}

sf_status sf_buffered_store_write_time(sf_buffered_store *store, sf_state_batch *batch,
                                       sf_error *err)
{
    if (store->observed == store->observed_written)
        return SF_OK;
    store->observed_written = store->observed;
    return sf_meta_put(store->place.db, batch, SF_META_OBSERVED, store->base.options.name,
                       store->place.partition, store->observed, err);
}

sf_status sf_buffered_store_flush(sf_buffered_store *store, sf_state_batch *batch,
                                  sf_buffer_flush_fn changed, void *user, sf_error *err)
{
    flush_context context = {.store = store, .changed = changed, .user = user};
    bool is_logged = changed && !store->base.options.logging_off;
    sf_status status = sf_write_buffer_flush(
        store->buffer, batch, is_logged && !store->log ? flush_one : NULL, &context, err);

    if (!status && store->side)
        status = sf_write_buffer_flush(store->side, batch, NULL, NULL, err);
    if (!status && store->log)
        status = sf_write_buffer_flush(store->log, batch, is_logged ? flush_version : NULL,
                                       &context, err);
    if (!status)
        status = sf_buffered_store_write_time(store, batch, err);
    store->observed_flushed = store->observed;
    return status;
}

void sf_buffered_store_committed(sf_buffered_store *store)
{
    sf_write_buffer_committed(store->buffer);
    if (store->side)
        sf_write_buffer_committed(store->side);
    if (store->log)
        sf_write_buffer_committed(store->log);
    store->observed_committed = store->observed_flushed;
    sf_buffered_store_publish_time(store);
}

void sf_buffered_store_abort(sf_buffered_store *store)
{
    sf_write_buffer_abort(store->buffer);
    if (store->side)
        sf_write_buffer_abort(store->side);
    if (store->log)
        sf_write_buffer_abort(store->log);
    store->observed = store->observed_committed;
    store->observed_flushed = store->observed_committed;
    store->observed_written = -1; /* whatever the database was to get */
    store->observed_savepoint = 0;
}
