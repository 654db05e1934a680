#include "topology/index_sets.h"

#include <stdlib.h>

#include "base/memory.h"

void sf_index_sets_init(sf_index_sets *sets, size_t count)
{
    sets->parents = sf_realloc_array(NULL, count ? count : 1, sizeof(*sets->parents));
    sets->count = count;
    for (size_t i = 0; i < count; i++)
        sets->parents[i] = i;
}

void sf_index_sets_done(sf_index_sets *sets)
{
    free(sets->parents);
    sets->parents = NULL;
}

size_t sf_index_sets_find(const sf_index_sets *sets, size_t index)
{
    while (sets->parents[index] != index)
        index = sets->parents[index] = sets->parents[sets->parents[index]];
    return index;
}

void sf_index_sets_join(sf_index_sets *sets, size_t a, size_t b)
{
    a = sf_index_sets_find(sets, a);
    b = sf_index_sets_find(sets, b);
    sets->parents[a > b ? a : b] = a < b ? a : b;
}
