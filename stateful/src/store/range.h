/* range.h - a range of a store in order, buffer and database merged; keys and values as on disk.
 *
 * Shows what was there at its opening: the database by its own snapshot, the buffer by a view.
 */
#ifndef SF_STORE_RANGE_H
#define SF_STORE_RANGE_H

#include "store/buffer_view.h"
#include "store/state_db.h"

typedef struct sf_range sf_range;

/* lower <= key < upper. Takes the view (NULL: the database alone) and the snapshot (NULL: as of now),
 * both over the same bounds. */
sf_range *sf_range_open(sf_state_db *db, sf_state_family *family, sf_state_snapshot *snapshot,
                        sf_buffer_view *view, sf_bytes lower, sf_bytes upper, bool backwards);
void sf_range_free(sf_range *range);

/* false at the end, or on an error (then *status is set). Valid until the next step. */
bool sf_range_next(sf_range *range, sf_bytes *full_key, sf_bytes *full_value, sf_status *status,
                   sf_error *err);

#endif
