#include "store/entry_index.h"

#include <stddef.h>

static void replace(sf_entry_index *index, const sf_buffer_entry *old, sf_buffer_entry *with)
{
    sf_buffer_entry *parent = old->parent;

    if (!parent)
        index->root = with;
    else if (parent->left == old)
        parent->left = with;
    else
        parent->right = with;
    if (with)
        with->parent = parent;
}

/* The child takes its parent's place. */
static void rotate_up(sf_entry_index *index, sf_buffer_entry *child)
{
    sf_buffer_entry *parent = child->parent;
    sf_buffer_entry *moved;

    replace(index, parent, child);
    if (parent->left == child) {
        moved = child->right;
        child->right = parent;
        parent->left = moved;
    } else {
        moved = child->left;
        child->left = parent;
        parent->right = moved;
    }
    parent->parent = child;
    if (moved)
        moved->parent = parent;
}

void sf_entry_index_add(sf_entry_index *index, sf_buffer_entry *entry)
{
    sf_bytes key = sf_entry_full_key(entry);
    sf_buffer_entry **link = &index->root;
    sf_buffer_entry *parent = NULL;

    while (*link) {
        parent = *link;
        link =
            sf_bytes_compare(key, sf_entry_full_key(parent)) < 0 ? &parent->left : &parent->right;
    }
    *link = entry;
    entry->left = NULL;
    entry->right = NULL;
    entry->parent = parent;
    while (entry->parent && entry->parent->hash < entry->hash)
        rotate_up(index, entry);
}

void sf_entry_index_remove(sf_entry_index *index, sf_buffer_entry *entry)
{
    while (entry->left && entry->right)
        rotate_up(index, entry->left->hash > entry->right->hash ? entry->left : entry->right);
    replace(index, entry, entry->left ? entry->left : entry->right);
}

sf_buffer_entry *sf_entry_index_seek(const sf_entry_index *index, sf_bytes full_key)
{
    sf_buffer_entry *found = NULL;
    sf_buffer_entry *at = index->root;

    while (at) {
        if (sf_bytes_compare(sf_entry_full_key(at), full_key) < 0) {
            at = at->right;
        } else {
            found = at;
            at = at->left;
        }
    }
    return found;
}

sf_buffer_entry *sf_entry_index_seek_below(const sf_entry_index *index, sf_bytes full_key)
{
    sf_buffer_entry *found = NULL;
    sf_buffer_entry *at = index->root;

    while (at) {
        if (sf_bytes_compare(sf_entry_full_key(at), full_key) < 0) {
            found = at;
            at = at->right;
        } else {
            at = at->left;
        }
    }
    return found;
}

sf_buffer_entry *sf_entry_index_next(sf_buffer_entry *entry)
{
    if (entry->right) {
        entry = entry->right;
        while (entry->left)
            entry = entry->left;
        return entry;
    }
    while (entry->parent && entry->parent->right == entry)
        entry = entry->parent;
    return entry->parent;
}

sf_buffer_entry *sf_entry_index_previous(sf_buffer_entry *entry)
{
    if (entry->left) {
        entry = entry->left;
        while (entry->right)
            entry = entry->right;
        return entry;
    }
    while (entry->parent && entry->parent->left == entry)
        entry = entry->parent;
    return entry->parent;
}
