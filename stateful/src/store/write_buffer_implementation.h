/* write_buffer_implementation.h - the buffer from inside, for write_buffer.c, buffer_pool.c and
 * buffer_commit.c. */
#ifndef SF_STORE_WRITE_BUFFER_IMPLEMENTATION_H
#define SF_STORE_WRITE_BUFFER_IMPLEMENTATION_H

#include "store/buffer_view.h"
#include "store/entry_table.h"
#include "store/undo_log.h"
#include "store/window_filter.h"
#include "store/write_buffer.h"

typedef struct sf_entry_list {
    sf_buffer_entry *first;
    sf_buffer_entry *last;
    size_t count;
} sf_entry_list;

/* What a flush sorts by: the first bytes in which keys differ, then the whole key. */
typedef struct sf_sorted_entry {
    uint64_t order;
    sf_buffer_entry *entry;
} sf_sorted_entry;

struct sf_write_buffer {
    sf_buffer_pool *pool;
    sf_write_buffer *next_in_cache;
    sf_state_db *db;
    sf_state_family *family; /* NULL: a log */
    const char *store;
    uint8_t partition[SF_PARTITION_SIZE];
    uint8_t partition_end[SF_PARTITION_SIZE]; /* the next partition */
    bool is_logged;
    bool forwards;
    bool shows_sent;
    sf_headers headers;             /* of what is put now; borrowed */
    const sf_buffer_entry *leaving; /* the entry that is handed downstream */
    bool is_ordered;                /* the index holds what is dirty or in flight */
    sf_entry_table table;
    sf_entry_index index;
    sf_entry_list dirty; /* with forwards: in the order of their last write */
    sf_entry_list flight;
    sf_undo_log undo;
    sf_buffer_views views;
    sf_window_filter filter; /* of windows only */
    int filter_time_at;
    size_t filter_bytes;     /* as counted for the cache */
    size_t clean_bytes;      /* of this buffer */
    size_t usual_value_size; /* room made for keys that have no value yet */
    sf_buffer full_key;      /* scratch: partition and key */
    sf_sorted_entry *sorted; /* scratch of a flush */
    size_t sorted_capacity;
};

static inline void sf_entry_list_insert(sf_entry_list *list, sf_buffer_entry *previous,
                                        sf_buffer_entry *entry)
{
    sf_buffer_entry *next = previous ? previous->next : list->first;

    entry->previous = previous;
    entry->next = next;
    *(previous ? &previous->next : &list->first) = entry;
    *(next ? &next->previous : &list->last) = entry;
    list->count++;
}

static inline void sf_entry_list_remove(sf_entry_list *list, sf_buffer_entry *entry)
{
    *(entry->previous ? &entry->previous->next : &list->first) = entry->next;
    *(entry->next ? &entry->next->previous : &list->last) = entry->previous;
    list->count--;
}

/* Tells the filter, if there is one, of a row that is put; counts what it takes. */
void sf_write_buffer_tell_filter(sf_write_buffer *buffer, sf_bytes key, uint64_t hash);

/* Whether the filter knows that the database has no such row. */
bool sf_write_buffer_is_absent(const sf_write_buffer *buffer, sf_bytes key, uint64_t hash);

/* Counts the memory of a new entry, or of one whose size has changed. */
void sf_write_buffer_count(sf_write_buffer *buffer, sf_buffer_entry *entry);
void sf_write_buffer_count_again(sf_write_buffer *buffer, sf_buffer_entry *entry);

/* Between two marks a task may read more than the cache holds; beyond twice as much its own entries go. */
void sf_write_buffer_evict_excess(sf_write_buffer *buffer);

/* Moves the entry to another state, its memory to the other account, and in or out of the index. It
 * is in no list. */
void sf_write_buffer_set_state(sf_write_buffer *buffer, sf_buffer_entry *entry,
                               sf_entry_state state);

/* Forgets an entry that is in no list. */
void sf_write_buffer_drop(sf_write_buffer *buffer, sf_buffer_entry *entry);

#endif
