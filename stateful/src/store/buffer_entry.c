#include "store/buffer_entry.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static uint8_t *inside(sf_buffer_entry *entry)
{
    return entry->bytes + entry->key_size;
}

sf_buffer_entry *sf_buffer_entry_new(const uint8_t partition[SF_PARTITION_SIZE], sf_bytes key,
                                     uint64_t hash, size_t value_capacity)
{
    size_t key_size = SF_PARTITION_SIZE + key.size;
    size_t full_capacity = SF_TIMESTAMP_SIZE + value_capacity;
    sf_buffer_entry *entry = sf_alloc(sizeof(*entry) + key_size + full_capacity);

    assert(key_size <= UINT32_MAX && full_capacity <= UINT32_MAX);
    *entry = (sf_buffer_entry){
        .hash = hash,
        .value_size = SF_TIMESTAMP_SIZE,
        .value_capacity = (uint32_t)full_capacity,
        .key_size = (uint32_t)key_size,
    };
    memcpy(entry->bytes, partition, SF_PARTITION_SIZE);
    if (key.size > 0)
        memcpy(entry->bytes + SF_PARTITION_SIZE, key.data, key.size);
    entry->value = inside(entry);
    memset(entry->value, 0, SF_TIMESTAMP_SIZE);
    return entry;
}

void sf_buffer_entry_free(sf_buffer_entry *entry)
{
    if (!entry)
        return;
    if (entry->value != inside(entry))
        free(entry->value);
    if (entry->before)
        free(entry->before->headers);
    free(entry->before);
    free(entry);
}

/* A quarter more than asked for, so that a value that grows slowly rarely moves. */
static size_t roomy(size_t size)
{
    return (size + size / 4 + 15) & ~(size_t)15;
}

void sf_buffer_entry_reserve(sf_buffer_entry *entry, size_t full_size)
{
    uint8_t *old = entry->value == inside(entry) ? NULL : entry->value;

    if (full_size <= entry->value_capacity)
        return;
    assert(roomy(full_size) <= UINT32_MAX);
    entry->value_capacity = (uint32_t)roomy(full_size);
    entry->value = sf_alloc(entry->value_capacity);
    free(old);
}

/* As _reserve, but a value that lies in the old place is moved first. */
static void set_in_new_place(sf_buffer_entry *entry, sf_bytes value, int64_t timestamp)
{
    sf_buffer_entry old = *entry;
    size_t full_size = SF_TIMESTAMP_SIZE + value.size;

    assert(roomy(full_size) <= UINT32_MAX);
    entry->value_capacity = (uint32_t)roomy(full_size);
    entry->value = sf_alloc(entry->value_capacity);
    memcpy(entry->value + SF_TIMESTAMP_SIZE, value.data, value.size);
    sf_put_be64(entry->value, (uint64_t)timestamp);
    if (old.value != inside(entry))
        free(old.value);
}

void sf_buffer_entry_set(sf_buffer_entry *entry, sf_bytes value, int64_t timestamp)
{
    size_t full_size = SF_TIMESTAMP_SIZE + value.size;

    if (full_size > entry->value_capacity) {
        set_in_new_place(entry, value, timestamp);
    } else {
        if (value.size > 0)
            memmove(entry->value + SF_TIMESTAMP_SIZE, value.data, value.size);
        sf_put_be64(entry->value, (uint64_t)timestamp);
    }
    entry->value_size = (uint32_t)full_size;
    entry->is_there = !sf_bytes_is_null(value);
}

void sf_buffer_entry_set_full(sf_buffer_entry *entry, bool is_there, const uint8_t *full,
                              size_t size)
{
    sf_buffer_entry_reserve(entry, size);
    memcpy(entry->value, full, size);
    entry->value_size = (uint32_t)size;
    entry->is_there = is_there;
}

void sf_buffer_entry_keep_before(sf_buffer_entry *entry)
{
    sf_entry_before *before = entry->before;

    if (!before || before->capacity < entry->value_size) {
        uint32_t capacity = (uint32_t)roomy(entry->value_size);
        sf_kept_headers *headers = before ? before->headers : NULL;

        before = sf_realloc(before, sizeof(*before) + capacity);
        before->headers = headers;
        before->capacity = capacity;
        entry->before = before;
    }
    before->is_there = entry->is_there;
    before->size = entry->value_size;
    memcpy(before->bytes, entry->value, entry->value_size);
}
