/* header_list.h - the headers of a message, in an arena. One thread. */
#ifndef SF_SERVICE_HEADER_LIST_H
#define SF_SERVICE_HEADER_LIST_H

#include <stateful/arena.h>

typedef struct sf_header sf_header;
struct sf_header {
    sf_header *next;
    const char *name;
    const char *value;
};

/* Zeroed: empty. */
typedef struct sf_header_list {
    sf_header *first;
    sf_header *last;
} sf_header_list;

/* Adds one at the end; name and value are copied into the arena. */
void sf_header_list_add(sf_header_list *list, sf_arena *arena, const char *name, const char *value);

/* The value of the first header of that name, in any case; NULL if there is none. */
const char *sf_header_list_get(const sf_header_list *list, const char *name);

#endif
