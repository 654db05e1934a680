/* index_sets.h - which numbers belong together (union-find); the smallest stands for its set. */
#ifndef SF_TOPOLOGY_INDEX_SETS_H
#define SF_TOPOLOGY_INDEX_SETS_H

#include <stddef.h>

typedef struct sf_index_sets {
    size_t *parents;
    size_t count;
} sf_index_sets;

void sf_index_sets_init(sf_index_sets *sets, size_t count); /* each alone */
void sf_index_sets_done(sf_index_sets *sets);
size_t sf_index_sets_find(const sf_index_sets *sets, size_t index);
void sf_index_sets_join(sf_index_sets *sets, size_t a, size_t b);

#endif
