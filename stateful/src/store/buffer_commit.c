#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/key_order.h"
#include "store/write_buffer_implementation.h"

void sf_write_buffer_set_forwards(sf_write_buffer *buffer)
{
    assert(!buffer->dirty.first);
    buffer->forwards = true;
}

void sf_write_buffer_set_headers(sf_write_buffer *buffer, sf_headers headers)
{
    buffer->headers = headers;
}

sf_headers sf_write_buffer_forwarded_headers(const sf_write_buffer *buffer)
{
    return buffer->leaving ? sf_kept_headers_get(buffer->leaving->before->headers)
                           : (sf_headers){0};
}

void sf_write_buffer_show_sent(sf_write_buffer *buffer, bool shows_sent)
{
    buffer->shows_sent = shows_sent;
}

static sf_status forward_entry(sf_write_buffer *buffer, const sf_buffer_entry *entry,
                               sf_buffer_forward_fn forward, void *user, sf_error *err)
{
    sf_stored now = sf_entry_stored(entry);
    sf_stored before = sf_entry_stored_before(entry);
    sf_status status;

    if (!now.value.data && !before.value.data)
        return SF_OK;
    buffer->leaving = entry;
    status = forward(user, sf_entry_key(entry), now, before, err);
    buffer->leaving = NULL;
    return status;
}

sf_status sf_write_buffer_forward(sf_write_buffer *buffer, sf_buffer_forward_fn forward, void *user,
                                  sf_error *err)
{
    for (sf_buffer_entry *entry = buffer->dirty.first; entry; entry = entry->next) {
        sf_status status;

        if (!entry->is_pending)
            continue;
        status = forward_entry(buffer, entry, forward, user, err);
        if (status)
            return status;
        entry->is_pending = false;
        free(entry->before->headers);
        entry->before->headers = NULL;
    }
    return SF_OK;
}

/* ---- sorting ---- */

static int compare_sorted(const void *left, const void *right)
{
    const sf_sorted_entry *a = left;
    const sf_sorted_entry *b = right;

    if (a->order != b->order)
        return a->order < b->order ? -1 : 1;
    return sf_bytes_compare(sf_entry_full_key(a->entry), sf_entry_full_key(b->entry));
}

static void sort_dirty(sf_write_buffer *buffer)
{
    sf_buffer_entry *first = buffer->dirty.first;
    size_t common = first ? first->key_size : 0;
    size_t count = 0;

    if (buffer->sorted_capacity < buffer->dirty.count) {
        buffer->sorted_capacity = buffer->dirty.count + buffer->dirty.count / 2;
        buffer->sorted =
            sf_realloc_array(buffer->sorted, buffer->sorted_capacity, sizeof(*buffer->sorted));
    }
    for (sf_buffer_entry *entry = first; entry; entry = entry->next) {
        common = sf_key_order_common(sf_entry_full_key(entry),
                                     sf_bytes_of(sf_entry_full_key(first).data, common));
        buffer->sorted[count++].entry = entry;
    }
    for (size_t i = 0; i < count; i++)
        buffer->sorted[i].order =
            sf_key_order_of(sf_entry_full_key(buffer->sorted[i].entry), common);
    if (count > 1)
        qsort(buffer->sorted, count, sizeof(*buffer->sorted), compare_sorted);
}

/* ---- flush ---- */

static sf_status flush_entry(sf_write_buffer *buffer, const sf_buffer_entry *entry,
                             sf_state_batch *batch, sf_buffer_flush_fn flushed, void *user,
                             sf_error *err)
{
    sf_bytes value = sf_entry_full_value(entry);

    if (buffer->family && value.data)
        sf_state_batch_put(batch, buffer->family, sf_entry_full_key(entry), value);
    else if (buffer->family)
        sf_state_batch_delete(batch, buffer->family, sf_entry_full_key(entry));
    if (!flushed)
        return SF_OK;
    return flushed(user, sf_entry_key(entry), value, sf_entry_stored(entry).timestamp, err);
}

static void take_off(sf_write_buffer *buffer)
{
    sf_buffer_entry *entry;

    while ((entry = buffer->dirty.first)) {
        sf_entry_list_remove(&buffer->dirty, entry);
        sf_write_buffer_set_state(buffer, entry, SF_ENTRY_IN_FLIGHT);
        sf_entry_list_insert(&buffer->flight, buffer->flight.last, entry);
    }
}

sf_status sf_write_buffer_flush(sf_write_buffer *buffer, sf_state_batch *batch,
                                sf_buffer_flush_fn flushed, void *user, sf_error *err)
{
    size_t count = buffer->dirty.count;
    sf_status status = SF_OK;

    buffer->pool->savepoint++; /* nothing before this can be taken back */
    sort_dirty(buffer);
    for (size_t i = 0; i < count && !status; i++)
        status = flush_entry(buffer, buffer->sorted[i].entry, batch, flushed, user, err);
    if (!status)
        take_off(buffer);
    return status;
}

/* When all that is in the index leaves it, it is emptied at once. */
static bool begin_leaving(sf_write_buffer *buffer, bool all)
{
    bool was_ordered = buffer->is_ordered;

    sf_buffer_views_freeze(&buffer->views);
    if (all) {
        buffer->index.root = NULL;
        buffer->is_ordered = false;
    }
    return was_ordered;
}

static void land(sf_write_buffer *buffer)
{
    sf_buffer_entry *entry;

    while ((entry = buffer->flight.first)) {
        sf_entry_list_remove(&buffer->flight, entry);
        sf_write_buffer_set_state(buffer, entry, SF_ENTRY_CLEAN);
    }
}

static void drop_all(sf_write_buffer *buffer, sf_entry_list *list)
{
    sf_buffer_entry *entry;

    while ((entry = list->first)) {
        sf_entry_list_remove(list, entry);
        sf_write_buffer_drop(buffer, entry);
    }
}

void sf_write_buffer_committed(sf_write_buffer *buffer)
{
    bool was_ordered = begin_leaving(buffer, !buffer->dirty.first);

    if (buffer->family)
        land(buffer);
    else
        drop_all(buffer, &buffer->flight);
    buffer->is_ordered = was_ordered;
}

void sf_write_buffer_abort(sf_write_buffer *buffer)
{
    bool was_ordered = begin_leaving(buffer, true);

    buffer->pool->savepoint++; /* nothing before this can be taken back */
    drop_all(buffer, &buffer->dirty);
    drop_all(buffer, &buffer->flight);
    buffer->is_ordered = was_ordered;
}

void sf_write_buffer_clear(sf_write_buffer *buffer)
{
    sf_buffer_entry *entry;

    sf_write_buffer_abort(buffer);
    sf_write_buffer_end_filter(buffer);
    for (size_t i = 0; i <= buffer->table.mask; i++)
        while ((entry = buffer->table.slots[i].entry))
            sf_write_buffer_drop(buffer, entry);
}
