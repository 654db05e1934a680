#include "store/range.h"

#include <stdlib.h>

#include "base/memory.h"

/* One side of the merge, looking at its next entry. */
typedef struct side {
    bool has_entry;
    bool at_end;
    sf_bytes key;
    sf_bytes value;
} side;

struct sf_range {
    sf_state_db *db;
    sf_state_snapshot *snapshot; /* owned, may be NULL */
    sf_state_iterator *iterator;
    sf_buffer_view *view; /* may be NULL */
    bool backwards;
    side disk;
    side buffered;
};

sf_range *sf_range_open(sf_state_db *db, sf_state_family *family, sf_state_snapshot *snapshot,
                        sf_buffer_view *view, sf_bytes lower, sf_bytes upper, bool backwards)
{
    sf_range *range = sf_zalloc(sizeof(*range));

    range->db = db;
    range->snapshot = snapshot;
    range->view = view;
    range->backwards = backwards;
    range->buffered.at_end = !view;
    if (sf_bytes_compare(lower, upper) < 0)
        range->iterator = sf_state_db_iterate(db, family, lower, upper, backwards, snapshot);
    else
        range->disk.at_end = range->buffered.at_end = true;
    return range;
}

void sf_range_free(sf_range *range)
{
    if (!range)
        return;
    sf_state_iterator_free(range->iterator);
    sf_buffer_view_free(range->view);
    sf_state_snapshot_free(range->db, range->snapshot);
    free(range);
}

static sf_status look(sf_range *range, sf_error *err)
{
    sf_status status = SF_OK;

    if (!range->disk.has_entry && !range->disk.at_end) {
        range->disk.has_entry = sf_state_iterator_next(range->iterator, &range->disk.key,
                                                       &range->disk.value, &status, err);
        range->disk.at_end = !range->disk.has_entry;
    }
    if (!range->buffered.has_entry && !range->buffered.at_end) {
        range->buffered.has_entry =
            sf_buffer_view_next(range->view, &range->buffered.key, &range->buffered.value);
        range->buffered.at_end = !range->buffered.has_entry;
    }
    return status;
}

/* Below 0: the buffer's entry comes first; 0: it hides the one on disk. */
static int order(const sf_range *range)
{
    int compared;

    if (!range->buffered.has_entry || !range->disk.has_entry)
        return range->buffered.has_entry ? -1 : 1;
    compared = sf_bytes_compare(range->buffered.key, range->disk.key);
    return range->backwards ? -compared : compared;
}

bool sf_range_next(sf_range *range, sf_bytes *full_key, sf_bytes *full_value, sf_status *status,
                   sf_error *err)
{
    for (;;) {
        int which;
        side *first;

        *status = look(range, err);
        if (*status || (!range->disk.has_entry && !range->buffered.has_entry))
            return false;
        which = order(range);
        first = which <= 0 ? &range->buffered : &range->disk;
        if (which == 0)
            range->disk.has_entry = false;
        first->has_entry = false;
        if (sf_bytes_is_null(first->value))
            continue; /* deleted */
        *full_key = first->key;
        *full_value = first->value;
        return true;
    }
}
