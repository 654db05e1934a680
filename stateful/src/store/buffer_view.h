/* buffer_view.h - a range of a write buffer's uncommitted entries as it was when the view was opened.
 *
 * It walks the live index as long as nothing changes; before the first change the buffer freezes its
 * open views, and each copies what it has not shown yet. So a scan without writes copies nothing
 * ahead, and no put pays for a view that is gone.
 */
#ifndef SF_STORE_BUFFER_VIEW_H
#define SF_STORE_BUFFER_VIEW_H

#include "store/entry_index.h"

typedef struct sf_buffer_view sf_buffer_view;

/* The open views of a buffer that are not frozen; zero is empty. */
typedef struct sf_buffer_views {
    sf_buffer_view *first;
} sf_buffer_views;

/* Entries with lower <= key < upper, keys as on disk. */
sf_buffer_view *sf_buffer_view_open(sf_buffer_views *views, const sf_entry_index *index,
                                    sf_bytes lower, sf_bytes upper, bool backwards);
void sf_buffer_view_free(sf_buffer_view *view);

/* The next key and value as on disk, null: deleted; valid until the next step. false at the end. */
bool sf_buffer_view_next(sf_buffer_view *view, sf_bytes *full_key, sf_bytes *full_value);

/* Before anything in the buffer changes, while there are views. */
void sf_buffer_views_freeze(sf_buffer_views *views);

#endif
