#include "fleet/part_merge.h"

static void step(part_branch *branch)
{
    branch->has_item = part_reader_next(&branch->reader, &branch->rank, &branch->item);
}

static void find_next(part_merge *merge)
{
    part_branch *first = NULL;

    for (size_t i = 0; i < merge->count; i++) {
        part_branch *candidate = &merge->branches[i];

        if (candidate->has_item && (!first || sf_bytes_compare(candidate->rank, first->rank) < 0))
            first = candidate;
    }
    if (first && !sf_bytes_is_null(merge->bound) && sf_bytes_compare(first->rank, merge->bound) > 0)
        first = NULL;
    merge->next = first;
}

static void lower_bound(part_merge *merge, const part_reader *reader)
{
    if (!reader->has_more)
        return;
    if (sf_bytes_is_null(merge->bound) || sf_bytes_compare(reader->place, merge->bound) < 0)
        merge->bound = reader->place;
}

sf_status part_merge_open(part_merge *merge, const sf_bytes *parts, size_t count, sf_arena *arena,
                          sf_error *err)
{
    sf_status status = SF_OK;

    *merge = (part_merge){
        .branches = sf_arena_zalloc(arena, (count + 1) * sizeof(merge->branches[0])),
        .count = count,
    };
    for (size_t i = 0; !status && i < count; i++) {
        part_branch *branch = &merge->branches[i];

        status = part_reader_open(&branch->reader, parts[i], err);
        if (status)
            break;
        lower_bound(merge, &branch->reader);
        step(branch);
    }
    if (!status)
        find_next(merge);
    return status;
}

bool part_merge_next(part_merge *merge, sf_bytes *rank, sf_bytes *item)
{
    part_branch *given = merge->next;

    if (!given)
        return false;
    *rank = merge->last = given->rank;
    *item = given->item;
    step(given);
    find_next(merge);
    return true;
}

bool part_merge_has_more(const part_merge *merge, sf_bytes *place)
{
    *place = merge->next ? merge->last : merge->bound;
    return merge->next || !sf_bytes_is_null(merge->bound);
}
