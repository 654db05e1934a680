#include "service/header_list.h"

#include <strings.h>

void sf_header_list_add(sf_header_list *list, sf_arena *arena, const char *name, const char *value)
{
    sf_header *added = sf_arena_alloc(arena, sizeof(*added));

    added->next = NULL;
    added->name = sf_arena_text(arena, name);
    added->value = sf_arena_text(arena, value);
    if (list->last)
        list->last->next = added;
    else
        list->first = added;
    list->last = added;
}

const char *sf_header_list_get(const sf_header_list *list, const char *name)
{
    for (const sf_header *at = list->first; at; at = at->next)
        if (!strcasecmp(at->name, name))
            return at->value;
    return NULL;
}
