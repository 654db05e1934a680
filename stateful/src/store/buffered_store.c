#include "store/buffered_store.h"

#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "store/buffer_entry.h"
#include "store/meta.h"
#include "store/store_layout.h"

void sf_buffered_store_publish_time(const sf_buffered_store *store)
{
    if (store->place.expiry)
        sf_expiry_set_time(store->place.expiry, store->place.partition, store->observed_committed);
}

static sf_write_buffer *new_buffer(sf_buffered_store *store, sf_state_family *family,
                                   bool is_logged)
{
    return sf_write_buffer_new(&(sf_write_buffer_options){
        .pool = store->place.pool,
        .db = store->place.db,
        .family = family,
        .partition = store->place.partition,
        .store = store->base.options.name,
        .is_logged = is_logged,
    });
}

static size_t size_of(sf_store_kind kind)
{
    return kind == SF_VERSIONED_STORE ? sizeof(struct sf_versioned_store)
                                      : sizeof(sf_buffered_store);
}

static sf_status read_time(sf_buffered_store *store, sf_error *err)
{
    int64_t time;
    sf_status status;

    if (!store->place.expiry)
        return SF_OK;
    status = sf_meta_get(store->place.db, SF_META_OBSERVED, store->base.options.name,
                         store->place.partition, &time, err);
    if (!status)
        sf_buffered_store_observe_committed(store, time);
    store->observed_written = store->observed;
    return status;
}

sf_status sf_buffered_store_open(const sf_store_options *options, const sf_store_place *place,
                                 sf_buffered_store **opened, sf_error *err)
{
    sf_buffered_store *store = sf_zalloc(size_of(options->kind));
    bool is_logged = !options->logging_off;
    bool keeps_log = is_logged && options->kind == SF_VERSIONED_STORE;
    sf_status status;

    store->base.options = *options;
    store->base.options.name = sf_text_copy(options->name);
    store->place = *place;
    store->retention = sf_retention_of(options);
    store->buffer = new_buffer(store, place->family, is_logged && !keeps_log);
    if (place->side_family)
        store->side = new_buffer(store, place->side_family, false);
    if (keeps_log)
        store->log = new_buffer(store, NULL, true);
    sf_buffered_store_forget_time(
        store); /* whoever held the partition before may have known another */
    status = read_time(store, err);
    if (status)
        sf_buffered_store_close(store);
    else
        *opened = store;
    return status;
}

static void free_scratch(struct sf_versioned_store *store)
{
    sf_buffer_done(&store->row);
    sf_buffer_done(&store->found);
    sf_buffer_done(&store->answer);
    sf_buffer_done(&store->deleted);
}

void sf_buffered_store_close(sf_buffered_store *store)
{
    if (!store)
        return;
    sf_write_buffer_free(store->buffer);
    sf_write_buffer_free(store->side);
    sf_write_buffer_free(store->log);
    sf_buffer_done(&store->key);
    if (store->base.options.kind == SF_VERSIONED_STORE)
        free_scratch((struct sf_versioned_store *)store);
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
    store->observed_written = -1;
    sf_buffered_store_publish_time(store);
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
