/* part_merge.h - the parts of several instances as one sequence, by rank.
 *
 *   1 Each partition is in one part alone, so nothing comes twice.
 *   2 Where a part stopped at a place with more behind it, nothing behind that place is given: another item
 *     of that part might belong before it. The next page begins there.
 *
 * One thread.
 */
#ifndef QUERY_SERVICE_FLEET_PART_MERGE_H
#define QUERY_SERVICE_FLEET_PART_MERGE_H

#include <stateful/arena.h>

#include "fleet/part.h"

/* A part and the item it stands at. */
typedef struct part_branch {
    part_reader reader;
    sf_bytes rank;
    sf_bytes item;
    bool has_item;
} part_branch;

typedef struct part_merge {
    part_branch *branches; /* in the arena */
    size_t count;
    sf_bytes bound;    /* the first of the parts' places; null: none */
    sf_bytes last;     /* the rank given last; null: none */
    part_branch *next; /* has the item that comes next; NULL: none within the bound */
} part_merge;

/* The parts are borrowed as long as items are read. SF_CORRUPT if one of them is none. */
sf_status part_merge_open(part_merge *merge, const sf_bytes *parts, size_t count, sf_arena *arena,
                          sf_error *err);

/* False at the end. */
bool part_merge_next(part_merge *merge, sf_bytes *rank, sf_bytes *item);

/* Whether more follow what was given so far, and from behind which place on. */
bool part_merge_has_more(const part_merge *merge, sf_bytes *place);

#endif
