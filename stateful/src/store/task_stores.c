#include "store/task_stores.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/buffered_store.h"
#include "store/meta.h"
#include "store/state_implementation.h"
#include "store/store_layout.h"
#include "store/versioned_store_implementation.h"

#define CACHE_BYTES (8 << 20)

struct sf_task_stores {
    sf_state *state;
    int32_t partition;
    sf_buffer_pool pool;
    sf_buffered_store **stores;
    size_t count;
    sf_published **published; /* one a store, or NULL */
    sf_store_changed_fn changed;
    void *user;
};

/* ---- open and close ---- */

static sf_status check_options(const sf_store_options *options, sf_error *err)
{
    if (!options->name || !options->name[0])
        return sf_fail(err, SF_INVALID, "a store has no name");
    if (options->window_size_ms < 0 || options->retention_ms < 0)
        return sf_fail(err, SF_INVALID, "store %s: a window size or retention is below 0",
                       options->name);
    if (options->history_ms < 0)
        return sf_fail(err, SF_INVALID, "store %s: a history is below 0", options->name);
    if (options->kind == SF_WINDOW_STORE && options->retention_ms > 0 &&
        options->retention_ms < options->window_size_ms)
        return sf_fail(
            err, SF_INVALID, "store %s: the retention (%lld ms) is shorter than a window (%lld ms)",
            options->name, (long long)options->retention_ms, (long long)options->window_size_ms);
    return SF_OK;
}

static sf_status open_side_family(const sf_store_options *options, sf_store_place *place,
                                  sf_error *err)
{
    char *name;
    sf_status status;

    if (!sf_store_has_side_family(options))
        return SF_OK;
    name = sf_store_side_family_name(options->name);
    status = sf_state_db_family(place->db, name, sf_expiry_side_has_expired, place->expiry,
                                &place->side_family, err);
    free(name);
    return status;
}

static sf_status open_store(sf_task_stores *stores, const sf_store_options *options,
                            sf_buffered_store **store, sf_error *err)
{
    char *family = sf_store_family_name(options->name);
    sf_expiry_options expiry = sf_store_expiry(options);
    bool expires = sf_store_expires(options);
    sf_store_place place = {
        .pool = &stores->pool,
        .db = sf_state_database(stores->state, options->in_memory),
        .partition = stores->partition,
    };
    sf_status status;

    if (options->kind != SF_KEY_VALUE_STORE)
        place.expiry = sf_state_expiry(stores->state, options->name, options->in_memory, &expiry);
    status = sf_state_db_family(place.db, family, expires ? sf_expiry_has_expired : NULL,
                                place.expiry, &place.family, err);
    if (!status)
        status = open_side_family(options, &place, err);
    if (!status)
        status = sf_buffered_store_open(options, &place, store, err);
    free(family);
    return status;
}

sf_status sf_task_stores_open(sf_state *state, int32_t partition, const sf_store_options *options,
                              size_t count, sf_store_changed_fn changed, void *user,
                              sf_task_stores **opened, sf_error *err)
{
    sf_task_stores *stores = sf_zalloc(sizeof(*stores));
    sf_status status = SF_OK;

    stores->state = state;
    stores->partition = partition;
    stores->changed = changed;
    stores->user = user;
    sf_buffer_pool_init(&stores->pool, CACHE_BYTES);
    stores->stores = sf_zalloc((count + 1) * sizeof(*stores->stores));
    stores->published = sf_zalloc((count + 1) * sizeof(*stores->published));
    for (size_t i = 0; i < count && !status; i++) {
        status = check_options(&options[i], err);
        if (!status)
            status = open_store(stores, &options[i], &stores->stores[i], err);
        if (!status)
            stores->count++;
    }
    if (status)
        sf_task_stores_close(stores);
    else
        *opened = stores;
    return status;
}

void sf_task_stores_close(sf_task_stores *stores)
{
    if (!stores)
        return;
    sf_task_stores_unpublish(stores);
    for (size_t i = 0; i < stores->count; i++)
        sf_buffered_store_close(stores->stores[i]);
    free(stores->stores);
    free(stores->published);
    free(stores);
}

/* ---- finding ---- */

size_t sf_task_stores_count(const sf_task_stores *stores)
{
    return stores->count;
}

sf_store *sf_task_stores_at(const sf_task_stores *stores, size_t index)
{
    assert(index < stores->count);
    return &stores->stores[index]->base;
}

sf_store *sf_task_stores_find(const sf_task_stores *stores, const char *name)
{
    for (size_t i = 0; i < stores->count; i++)
        if (!strcmp(sf_store_name(&stores->stores[i]->base), name))
            return &stores->stores[i]->base;
    return NULL;
}

sf_key_value_store *sf_store_as_key_value(sf_store *store)
{
    return sf_store_kind_of(store) == SF_KEY_VALUE_STORE ? (sf_key_value_store *)store : NULL;
}

sf_window_store *sf_store_as_window(sf_store *store)
{
    return sf_store_kind_of(store) == SF_WINDOW_STORE ? (sf_window_store *)store : NULL;
}

sf_session_store *sf_store_as_session(sf_store *store)
{
    return sf_store_kind_of(store) == SF_SESSION_STORE ? (sf_session_store *)store : NULL;
}

sf_versioned_store *sf_store_as_versioned(sf_store *store)
{
    return sf_store_kind_of(store) == SF_VERSIONED_STORE ? (sf_versioned_store *)store : NULL;
}

void sf_store_set_forward(sf_store *store, sf_store_forward_fn forward, void *user)
{
    assert(sf_store_kind_of(store) != SF_VERSIONED_STORE);
    sf_buffered_store_set_forwarding((sf_buffered_store *)store, forward, user);
}

void sf_store_show_sent(sf_store *store, bool shows_sent)
{
    sf_write_buffer_show_sent(((sf_buffered_store *)store)->buffer, shows_sent);
}

void sf_store_set_headers(sf_store *store, sf_headers headers)
{
    sf_write_buffer_set_headers(((sf_buffered_store *)store)->buffer, headers);
}

sf_headers sf_store_forwarded_headers(const sf_store *store)
{
    return sf_write_buffer_forwarded_headers(((const sf_buffered_store *)store)->buffer);
}

/* ---- the steps ---- */

void sf_task_stores_mark(sf_task_stores *stores)
{
    sf_buffer_pool_mark(&stores->pool);
}

void sf_task_stores_undo(sf_task_stores *stores)
{
    for (size_t i = 0; i < stores->count; i++)
        sf_buffered_store_undo(stores->stores[i]);
}

sf_status sf_task_stores_forward(sf_task_stores *stores, sf_error *err)
{
    sf_status status = SF_OK;

    for (size_t i = 0; i < stores->count && !status; i++)
        status = sf_buffered_store_forward(stores->stores[i], err);
    return status;
}

/* Adds the number of the store. */
typedef struct changed_context {
    sf_task_stores *stores;
    size_t index;
} changed_context;

static sf_status tell_changed(void *user, sf_bytes key, sf_bytes value, int64_t timestamp,
                              sf_error *err)
{
    changed_context *context = user;

    return context->stores->changed(context->stores->user, context->index, key, value, timestamp,
                                    err);
}

sf_status sf_task_stores_flush(sf_task_stores *stores, sf_state_commit *commit, sf_error *err)
{
    sf_status status = SF_OK;

    for (size_t i = 0; i < stores->count && !status; i++) {
        changed_context context = {.stores = stores, .index = i};
        sf_state_batch *batch =
            sf_state_commit_batch(commit, stores->stores[i]->base.options.in_memory);

        status = sf_buffered_store_flush(stores->stores[i], batch,
                                         stores->changed ? tell_changed : NULL, &context, err);
    }
    return status;
}

void sf_task_stores_committed(sf_task_stores *stores)
{
    for (size_t i = 0; i < stores->count; i++)
        sf_buffered_store_committed(stores->stores[i]);
}

void sf_task_stores_abort(sf_task_stores *stores)
{
    for (size_t i = 0; i < stores->count; i++)
        sf_buffered_store_abort(stores->stores[i]);
}

size_t sf_task_stores_dirty_bytes(const sf_task_stores *stores)
{
    return stores->pool.dirty_bytes;
}

void sf_task_stores_set_logged_max(sf_task_stores *stores, size_t bytes)
{
    stores->pool.logged_max_bytes = bytes;
}

void sf_task_stores_set_cache_bytes(sf_task_stores *stores, size_t bytes)
{
    stores->pool.own_cache.limit = bytes;
}

void sf_task_stores_share_cache(sf_task_stores *stores, sf_read_cache *cache)
{
    sf_buffer_pool_join(&stores->pool, cache);
}

int64_t sf_store_observed_time(const sf_store *store)
{
    return ((const sf_buffered_store *)store)->observed;
}

void sf_store_set_observed_time(sf_store *store, int64_t stream_time_ms)
{
    sf_buffered_store_observe_committed((sf_buffered_store *)store, stream_time_ms);
    sf_buffered_store_publish_time((sf_buffered_store *)store);
}

/* ---- restore ---- */

static sf_status restore_rows(sf_buffered_store *store, const sf_consumed_record *records,
                              size_t count, sf_state_batch *batch, sf_error *err)
{
    for (size_t i = 0; i < count; i++) {
        sf_status status = sf_buffered_store_restore(store, records[i].record.key,
                                                     records[i].record.value, batch, err);

        if (status)
            return sf_error_prefix(err, status, "offset %lld", (long long)records[i].offset);
    }
    return SF_OK;
}

sf_status sf_task_stores_restore(sf_task_stores *stores, size_t index,
                                 const sf_consumed_record *records, size_t count,
                                 sf_state_commit *commit, sf_error *err)
{
    sf_buffered_store *store = stores->stores[index];
    sf_state_batch *batch = sf_state_commit_batch(commit, store->base.options.in_memory);
    sf_status status = SF_OK;

    if (store->base.options.kind == SF_VERSIONED_STORE)
        status =
            sf_versioned_store_restore((sf_versioned_store *)store, records, count, batch, err);
    else
        status = restore_rows(store, records, count, batch, err);
    return status ? status : sf_buffered_store_write_time(store, batch, err);
}

bool sf_task_stores_can_load(const sf_task_stores *stores, size_t index)
{
    const sf_store_options *options = &stores->stores[index]->base.options;

    return options->kind != SF_VERSIONED_STORE && !options->in_memory;
}

sf_status sf_task_stores_load(sf_task_stores *stores, size_t index,
                              const sf_consumed_record *records, size_t count, sf_bulk_load *load,
                              sf_error *err)
{
    assert(sf_task_stores_can_load(stores, index));
    return restore_rows(stores->stores[index], records, count, sf_bulk_load_batch(load), err);
}

sf_status sf_task_stores_loaded(sf_task_stores *stores, size_t index, sf_state_commit *commit,
                                sf_error *err)
{
    return sf_buffered_store_write_time(stores->stores[index], sf_state_commit_batch(commit, false),
                                        err);
}

sf_status sf_task_stores_clear(sf_task_stores *stores, size_t index, sf_state_commit *commit,
                               sf_error *err)
{
    sf_buffered_store *store = stores->stores[index];
    sf_state_batch *batch = sf_state_commit_batch(commit, store->base.options.in_memory);
    sf_status status = sf_buffered_store_clear(store, batch, err);

    if (status)
        return status;
    return sf_meta_delete(store->place.db, batch, SF_META_CHANGELOG, store->base.options.name,
                          stores->partition, err);
}

/* ---- publishing ---- */

static sf_published *publish(sf_task_stores *stores, const sf_buffered_store *store)
{
    sf_state_ref(stores->state);
    return sf_publications_add(sf_state_publications(stores->state),
                               &(sf_published){
                                   .name = (char *)store->base.options.name,
                                   .kind = store->base.options.kind,
                                   .history_ms = store->base.options.history_ms,
                                   .layout = sf_store_window_layout(&store->base.options),
                                   .partition = stores->partition,
                                   .db = store->place.db,
                                   .family = store->place.family,
                                   .side_family = store->place.side_family,
                                   .expiry = store->place.expiry,
                               });
}

void sf_task_stores_publish(sf_task_stores *stores)
{
    for (size_t i = 0; i < stores->count; i++) {
        sf_buffered_store_publish_time(stores->stores[i]);
        if (!stores->published[i])
            stores->published[i] = publish(stores, stores->stores[i]);
    }
}

void sf_task_stores_unpublish(sf_task_stores *stores)
{
    for (size_t i = 0; i < stores->count; i++) {
        if (stores->published[i])
            sf_published_withdraw(stores->published[i]);
        stores->published[i] = NULL;
    }
}
