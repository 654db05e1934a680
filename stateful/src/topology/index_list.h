/* index_list.h - numbers of nodes, topics or stores; the memory is an arena's. */
#ifndef SF_TOPOLOGY_INDEX_LIST_H
#define SF_TOPOLOGY_INDEX_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include <stateful/arena.h>

typedef struct sf_index_list {
    size_t *items;
    size_t count;
    size_t capacity;
} sf_index_list;

void sf_index_list_add(sf_index_list *list, size_t index, sf_arena *arena);
void sf_index_list_add_once(sf_index_list *list, size_t index, sf_arena *arena);
bool sf_index_list_has(const sf_index_list *list, size_t index);

#endif
