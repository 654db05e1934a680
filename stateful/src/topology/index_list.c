#include "topology/index_list.h"

#include <string.h>

void sf_index_list_add(sf_index_list *list, size_t index, sf_arena *arena)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 4;
        size_t *items = sf_arena_alloc(arena, capacity * sizeof(*items));

        if (list->count)
            memcpy(items, list->items, list->count * sizeof(*items));
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = index;
}

void sf_index_list_add_once(sf_index_list *list, size_t index, sf_arena *arena)
{
    if (!sf_index_list_has(list, index))
        sf_index_list_add(list, index, arena);
}

bool sf_index_list_has(const sf_index_list *list, size_t index)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i] == index)
            return true;
    return false;
}
