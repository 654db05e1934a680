/* view_iterator.h - what a view gives for a range: entries in order, from all partitions. */
#ifndef STATEFUL_VIEW_ITERATOR_H
#define STATEFUL_VIEW_ITERATOR_H

#include <stdbool.h>

#include <stateful/error.h>
#include <stateful/store.h>
#include <stateful/versioned_store.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sf_view_iterator sf_view_iterator;

/* One row. */
typedef struct sf_view_entry {
    sf_bytes key;
    int64_t start_ms;    /* of the window or session, else 0 */
    int64_t end_ms;      /* of the session, inclusive, else 0 */
    int64_t valid_to_ms; /* of a version: when the next one begins, or SF_VERSION_NOW; else 0 */
    sf_stored stored;
} sf_view_entry;

/* false at the end, or on an error (then *status is set; status may not be NULL). The entry is valid
 * until the next step. One thread at a time; free it before the view. */
bool sf_view_iterator_next(sf_view_iterator *iterator, sf_view_entry *entry, sf_status *status,
                           sf_error *err);
void sf_view_iterator_free(sf_view_iterator *iterator); /* NULL is fine */

#ifdef __cplusplus
}
#endif

#endif
