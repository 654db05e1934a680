/* buffer_entry.h - a key and its newest value in a store's write buffer.
 *
 * One block of memory: the key (with the partition's 4 bytes before it, as on disk) and, as long as
 * it fits, the value (with its timestamp's 8 bytes before it, as on disk and in the changelog).
 */
#ifndef SF_STORE_BUFFER_ENTRY_H
#define SF_STORE_BUFFER_ENTRY_H

#include <stateful/bytes.h>
#include <stateful/store.h>

#include "base/encoding.h"
#include "store/kept_headers.h"

#define SF_PARTITION_SIZE 4
#define SF_TIMESTAMP_SIZE 8

typedef enum sf_entry_state {
    SF_ENTRY_CLEAN = 0, /* as on disk */
    SF_ENTRY_DIRTY,     /* newer than what was flushed */
    SF_ENTRY_IN_FLIGHT, /* flushed into a batch that is not known to be on disk */
} sf_entry_state;

/* A value that was handed downstream; owned by its entry. */
typedef struct sf_entry_before {
    sf_kept_headers *headers; /* of the record that changed it since; NULL: none */
    bool is_there;
    uint32_t size;     /* with its timestamp */
    uint32_t capacity; /* bytes */
    uint8_t bytes[];
} sf_entry_before;

typedef struct sf_buffer_entry sf_buffer_entry;

/* What a get touches stands together, beside the key. */
struct sf_buffer_entry {
    sf_buffer_entry *left; /* in the index of a buffer that is read by range */
    sf_buffer_entry *right;
    sf_buffer_entry *parent;
    sf_buffer_entry *previous; /* in its list, if dirty or in flight */
    sf_buffer_entry *next;
    sf_entry_before *before; /* what was last handed downstream, if pending; else only memory */
    uint64_t hash;
    uint64_t savepoint; /* in which it was last written: see undo_log.h */

    uint8_t *value; /* timestamp and value; in this block or its own */
    uint32_t value_size;
    uint32_t value_capacity;
    uint32_t counted;  /* bytes of memory, as counted for its buffer */
    uint8_t state;     /* sf_entry_state */
    bool is_there;     /* false: deleted or never put; the value is the timestamp only */
    bool is_pending;   /* to be handed downstream */
    bool is_recent;    /* read since the evicting hand came by */
    uint32_t key_size; /* with the partition */
    uint8_t bytes[];
};

/* The key as on disk, and as the user knows it. */
static inline sf_bytes sf_entry_full_key(const sf_buffer_entry *entry)
{
    return sf_bytes_of(entry->bytes, entry->key_size);
}

static inline sf_bytes sf_entry_key(const sf_buffer_entry *entry)
{
    return sf_bytes_of(entry->bytes + SF_PARTITION_SIZE, entry->key_size - SF_PARTITION_SIZE);
}

/* Timestamp and value as on disk; null if there is none. */
static inline sf_bytes sf_entry_full_value(const sf_buffer_entry *entry)
{
    return entry->is_there ? sf_bytes_of(entry->value, entry->value_size) : SF_NULL;
}

/* The same as the user sees it. full is at least a timestamp. */
static inline sf_stored sf_stored_of(bool is_there, const uint8_t *full, size_t size)
{
    sf_stored stored = {.timestamp = (int64_t)sf_get_be64(full)};

    if (is_there)
        stored.value = sf_bytes_of(full + SF_TIMESTAMP_SIZE, size - SF_TIMESTAMP_SIZE);
    return stored;
}

static inline sf_stored sf_entry_stored(const sf_buffer_entry *entry)
{
    return sf_stored_of(entry->is_there, entry->value, entry->value_size);
}

/* What was last handed downstream. */
static inline sf_stored sf_entry_stored_before(const sf_buffer_entry *entry)
{
    return sf_stored_of(entry->before->is_there, entry->before->bytes, entry->before->size);
}

/* A clean entry without a value, room for a value of that many bytes inside. */
sf_buffer_entry *sf_buffer_entry_new(const uint8_t partition[SF_PARTITION_SIZE], sf_bytes key,
                                     uint64_t hash, size_t value_capacity);
void sf_buffer_entry_free(sf_buffer_entry *entry);

/* Bytes of memory it takes, about. */
static inline uint32_t sf_buffer_entry_memory(const sf_buffer_entry *entry)
{
    uint32_t before = entry->before ? entry->before->capacity : 0;

    return (uint32_t)sizeof(*entry) + entry->key_size + entry->value_capacity + before;
}

/* Makes room for full_size bytes of timestamp and value; what was there may be lost. */
void sf_buffer_entry_reserve(sf_buffer_entry *entry, size_t full_size);

/* Copies; value may lie in this entry. */
void sf_buffer_entry_set(sf_buffer_entry *entry, sf_bytes value, int64_t timestamp);

/* The same from the form on disk. */
void sf_buffer_entry_set_full(sf_buffer_entry *entry, bool is_there, const uint8_t *full,
                              size_t size);

/* Keeps the present value as the one that was handed downstream. */
void sf_buffer_entry_keep_before(sf_buffer_entry *entry);

#endif
