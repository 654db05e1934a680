#include "store/write_buffer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/hash.h"
#include "base/memory.h"
#include "store/write_buffer_implementation.h"

/* ---- new and free ---- */

sf_write_buffer *sf_write_buffer_new(const sf_write_buffer_options *options)
{
    sf_write_buffer *buffer = sf_zalloc(sizeof(*buffer));

    buffer->pool = options->pool;
    buffer->is_logged = options->is_logged;
    buffer->next_in_cache = options->pool->cache->first;
    options->pool->cache->first = buffer;
    buffer->db = options->db;
    buffer->family = options->family;
    buffer->store = options->store;
    sf_put_be32(buffer->partition, (uint32_t)options->partition);
    sf_put_be32(buffer->partition_end, (uint32_t)options->partition + 1);
    sf_entry_table_init(&buffer->table);
    buffer->usual_value_size = 16;
    return buffer;
}

static void leave_cache(sf_write_buffer *buffer)
{
    sf_write_buffer **link = &buffer->pool->cache->first;

    while (*link != buffer)
        link = &(*link)->next_in_cache;
    *link = buffer->next_in_cache;
}

void sf_write_buffer_free(sf_write_buffer *buffer)
{
    if (!buffer)
        return;
    sf_write_buffer_clear(buffer);
    leave_cache(buffer);
    sf_entry_table_done(&buffer->table);
    sf_undo_log_done(&buffer->undo);
    sf_buffer_done(&buffer->full_key);
    free(buffer->sorted);
    free(buffer);
}

/* ---- get ---- */

sf_bytes sf_write_buffer_full_key(sf_write_buffer *buffer, sf_bytes key)
{
    sf_buffer_clear(&buffer->full_key);
    sf_buffer_add(&buffer->full_key, buffer->partition, SF_PARTITION_SIZE);
    sf_buffer_add_bytes(&buffer->full_key, key);
    return sf_buffer_bytes(&buffer->full_key);
}

static sf_buffer_entry *add_entry(sf_write_buffer *buffer, sf_bytes key, uint64_t hash,
                                  size_t value_size)
{
    size_t room = value_size > buffer->usual_value_size ? value_size : buffer->usual_value_size;
    sf_buffer_entry *entry = sf_buffer_entry_new(buffer->partition, key, hash, room);

    sf_entry_table_add(&buffer->table, entry);
    sf_write_buffer_count(buffer, entry);
    return entry;
}

/* From the database, also when it says that there is none. */
static sf_status load(sf_write_buffer *buffer, sf_bytes key, uint64_t hash,
                      sf_buffer_entry **loaded, sf_error *err)
{
    sf_state_pin pin = {0};
    sf_bytes full;
    sf_status status;

    if (sf_write_buffer_is_absent(buffer, key, hash)) {
        *loaded = add_entry(buffer, key, hash, 0);
        return SF_OK;
    }
    status = sf_state_db_get(buffer->db, buffer->family, sf_write_buffer_full_key(buffer, key),
                             &full, &pin, err);
    if (status)
        return sf_error_prefix(err, status, "store %s", buffer->store);
    if (full.data && full.size < SF_TIMESTAMP_SIZE) {
        sf_state_pin_release(&pin);
        return sf_fail(err, SF_CORRUPT, "store %s: a value of %zu bytes has no timestamp",
                       buffer->store, full.size);
    }
    *loaded = add_entry(buffer, key, hash, full.size);
    if (full.data)
        sf_buffer_entry_set_full(*loaded, true, full.data, full.size);
    sf_state_pin_release(&pin);
    return SF_OK;
}

sf_status sf_write_buffer_get(sf_write_buffer *buffer, sf_bytes key, sf_stored *stored,
                              sf_error *err)
{
    uint64_t hash = sf_hash(key);
    sf_buffer_entry *entry = sf_entry_table_find(&buffer->table, key, hash);

    if (!entry) {
        sf_status status;

        sf_write_buffer_evict_excess(buffer);
        status = load(buffer, key, hash, &entry, err);
        if (status)
            return status;
    } else if (!entry->is_recent) {
        entry->is_recent = true;
    }
    if (buffer->shows_sent && entry->is_pending && entry != buffer->leaving)
        *stored = sf_entry_stored_before(entry);
    else
        *stored = sf_entry_stored(entry);
    return SF_OK;
}

/* ---- put ---- */

static void become_dirty(sf_write_buffer *buffer, sf_buffer_entry *entry)
{
    if (entry->state == SF_ENTRY_DIRTY) {
        if (!buffer->forwards || buffer->dirty.last == entry)
            return;
        sf_entry_list_remove(&buffer->dirty, entry);
    } else {
        if (entry->state == SF_ENTRY_IN_FLIGHT)
            sf_entry_list_remove(&buffer->flight, entry);
        sf_write_buffer_set_state(buffer, entry, SF_ENTRY_DIRTY);
    }
    sf_entry_list_insert(&buffer->dirty, buffer->dirty.last, entry);
}

static void keep_headers(const sf_write_buffer *buffer, sf_buffer_entry *entry)
{
    free(entry->before->headers);
    entry->before->headers = sf_kept_headers_copy(buffer->headers);
}

static void change(sf_write_buffer *buffer, sf_buffer_entry *entry, sf_bytes value,
                   int64_t timestamp)
{
    if (buffer->forwards && !entry->is_pending) {
        sf_buffer_entry_keep_before(entry);
        entry->is_pending = true;
    }
    if (buffer->forwards && (buffer->headers.count || entry->before->headers))
        keep_headers(buffer, entry);
    sf_buffer_entry_set(entry, value, timestamp);
    become_dirty(buffer, entry);
    if (sf_buffer_entry_memory(entry) != entry->counted)
        sf_write_buffer_count_again(buffer, entry);
}

/* Refused now, while its record can still be taken back: at the flush nobody could. */
static sf_status check_size(const sf_write_buffer *buffer, sf_bytes key, sf_bytes value,
                            sf_error *err)
{
    size_t max = buffer->pool->logged_max_bytes;

    if (!buffer->is_logged || !max || key.size + value.size <= max)
        return SF_OK;
    return sf_reject(err,
                     "a row of %zu bytes for store %s is larger than the %zu that its changelog "
                     "takes",
                     key.size + value.size, buffer->store, max);
}

sf_status sf_write_buffer_put(sf_write_buffer *buffer, sf_bytes key, sf_bytes value,
                              int64_t timestamp, sf_error *err)
{
    uint64_t hash;
    sf_buffer_entry *entry;
    sf_status status = check_size(buffer, key, value, err);
    bool is_new = false;

    if (status)
        return status;
    hash = sf_hash(key);
    entry = sf_entry_table_find(&buffer->table, key, hash);
    if (!entry && buffer->forwards)
        status = load(buffer, key, hash, &entry, err);
    if (status)
        return status;
    if (buffer->views.first)
        sf_buffer_views_freeze(&buffer->views);
    if (!entry) {
        entry = add_entry(buffer, key, hash, value.size);
        is_new = true;
    }
    if (!entry->is_there && value.data)
        sf_write_buffer_tell_filter(buffer, key, hash);
    if (entry->savepoint != buffer->pool->savepoint) {
        sf_undo_log_add(&buffer->undo, buffer->pool->savepoint, entry, is_new);
        entry->savepoint = buffer->pool->savepoint;
    }
    buffer->usual_value_size = value.size;
    change(buffer, entry, value, timestamp);
    return SF_OK;
}

/* ---- undo ---- */

static void put_back(sf_write_buffer *buffer, sf_undo_record *record)
{
    sf_buffer_entry *entry = record->entry;

    sf_entry_list_remove(&buffer->dirty, entry);
    if (record->is_new) {
        sf_write_buffer_drop(buffer, entry);
        return;
    }
    sf_buffer_entry_set_full(entry, record->is_there, buffer->undo.values.data + record->value_at,
                             record->value_size);
    entry->is_pending = record->is_pending;
    entry->savepoint = 0;
    if (entry->before) {
        free(entry->before->headers);
        entry->before->headers = record->headers;
        record->headers = NULL;
    }
    sf_write_buffer_set_state(buffer, entry, (sf_entry_state)record->state);
    if (record->state == SF_ENTRY_DIRTY)
        sf_entry_list_insert(&buffer->dirty, record->previous, entry);
    else if (record->state == SF_ENTRY_IN_FLIGHT)
        sf_entry_list_insert(&buffer->flight, buffer->flight.last, entry);
}

void sf_write_buffer_undo(sf_write_buffer *buffer)
{
    if (buffer->undo.savepoint != buffer->pool->savepoint)
        return;
    sf_buffer_views_freeze(&buffer->views);
    for (size_t i = buffer->undo.count; i > 0; i--)
        put_back(buffer, &buffer->undo.records[i - 1]);
    sf_undo_log_clear(&buffer->undo);
}

/* ---- ranges ---- */

static void become_ordered(sf_write_buffer *buffer)
{
    buffer->is_ordered = true;
    for (sf_buffer_entry *entry = buffer->dirty.first; entry; entry = entry->next)
        sf_entry_index_add(&buffer->index, entry);
    for (sf_buffer_entry *entry = buffer->flight.first; entry; entry = entry->next)
        sf_entry_index_add(&buffer->index, entry);
}

sf_range *sf_write_buffer_range(sf_write_buffer *buffer, sf_bytes from, sf_bytes to, bool backwards)
{
    sf_buffer lower = SF_BUFFER_EMPTY;
    sf_buffer upper = SF_BUFFER_EMPTY;
    sf_buffer_view *view;
    sf_range *range;

    if (!buffer->is_ordered)
        become_ordered(buffer);
    sf_buffer_add(&lower, buffer->partition, SF_PARTITION_SIZE);
    sf_buffer_add_bytes(&lower, from);
    sf_buffer_add(&upper, to.data ? buffer->partition : buffer->partition_end, SF_PARTITION_SIZE);
    sf_buffer_add_bytes(&upper, to);
    view = sf_buffer_view_open(&buffer->views, &buffer->index, sf_buffer_bytes(&lower),
                               sf_buffer_bytes(&upper), backwards);
    range = sf_range_open(buffer->db, buffer->family, NULL, view, sf_buffer_bytes(&lower),
                          sf_buffer_bytes(&upper), backwards);
    sf_buffer_done(&lower);
    sf_buffer_done(&upper);
    return range;
}
