/* entry_index.h - the uncommitted entries of a write buffer in the order of their keys: a treap whose
 * priorities are the keys' hashes, threaded through the entries. Borrows its entries. */
#ifndef SF_STORE_ENTRY_INDEX_H
#define SF_STORE_ENTRY_INDEX_H

#include "store/buffer_entry.h"

typedef struct sf_entry_index {
    sf_buffer_entry *root;
} sf_entry_index;

/* Its key must not be there. */
void sf_entry_index_add(sf_entry_index *index, sf_buffer_entry *entry);
void sf_entry_index_remove(sf_entry_index *index, sf_buffer_entry *entry);

/* The first entry whose key (as on disk) is not below, or NULL. */
sf_buffer_entry *sf_entry_index_seek(const sf_entry_index *index, sf_bytes full_key);

/* The last entry whose key is below, or NULL. */
sf_buffer_entry *sf_entry_index_seek_below(const sf_entry_index *index, sf_bytes full_key);

/* The neighbours in order, or NULL. */
sf_buffer_entry *sf_entry_index_next(sf_buffer_entry *entry);
sf_buffer_entry *sf_entry_index_previous(sf_buffer_entry *entry);

#endif
