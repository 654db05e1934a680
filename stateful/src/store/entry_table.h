/* entry_table.h - the hash table of a write buffer: open addressing, linear probing, the hash beside
 * the pointer so that a probe that misses touches nothing else. Borrows its entries. */
#ifndef SF_STORE_ENTRY_TABLE_H
#define SF_STORE_ENTRY_TABLE_H

#include <string.h>

#include "store/buffer_entry.h"

typedef struct sf_entry_slot {
    uint64_t hash;
    sf_buffer_entry *entry; /* NULL: empty */
} sf_entry_slot;

typedef struct sf_entry_table {
    sf_entry_slot *slots;
    size_t mask; /* capacity - 1; the capacity is a power of two */
    size_t count;
    size_t hand; /* the slot that the evicting hand looks at next */
} sf_entry_table;

void sf_entry_table_init(sf_entry_table *table);
void sf_entry_table_done(sf_entry_table *table); /* not the entries */

static inline bool sf_entry_has_key(const sf_buffer_entry *entry, sf_bytes key)
{
    return entry->key_size == SF_PARTITION_SIZE + key.size &&
           !memcmp(entry->bytes + SF_PARTITION_SIZE, key.data, key.size);
}

/* The entry of a key, or NULL. */
static inline sf_buffer_entry *sf_entry_table_find(const sf_entry_table *table, sf_bytes key,
                                                   uint64_t hash)
{
    for (size_t at = hash & table->mask;; at = (at + 1) & table->mask) {
        const sf_entry_slot *slot = &table->slots[at];

        if (!slot->entry)
            return NULL;
        if (slot->hash == hash && sf_entry_has_key(slot->entry, key))
            return slot->entry;
    }
}

/* Its key must not be there. */
void sf_entry_table_add(sf_entry_table *table, sf_buffer_entry *entry);
void sf_entry_table_remove(sf_entry_table *table, const sf_buffer_entry *entry);

/* Moves the hand over up to slots slots, taking back their "recent" marks, to a clean entry without
 * one; NULL if there is none on the way. The entry is not removed. */
sf_buffer_entry *sf_entry_table_choose(sf_entry_table *table, size_t slots);

/* Bytes of memory of the slots. */
size_t sf_entry_table_memory(const sf_entry_table *table);

#endif
