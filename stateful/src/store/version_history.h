/* version_history.h - reads the versions of a key that are over, from a versioned store's side family,
 * by time or against it. */
#ifndef SF_STORE_VERSION_HISTORY_H
#define SF_STORE_VERSION_HISTORY_H

#include "store/row_source.h"
#include "store/version_row.h"

/* On the stack: zero, then _open. */
typedef struct sf_version_history {
    sf_range *range;
    sf_buffer key;
} sf_version_history;

/* Those that end after after_ms (not negative). */
void sf_version_history_open(sf_version_history *history, const sf_row_source *source, sf_bytes key,
                             int64_t after_ms, bool backwards);
void sf_version_history_done(sf_version_history *history);

/* false at the end, or on an error (then *status is set). Valid until the next step. */
bool sf_version_history_next(sf_version_history *history, sf_version_row *row, sf_status *status,
                             sf_error *err);

/* The first one that ends after after_ms; its value is copied into the buffer. *found = false if there is
 * none. */
sf_status sf_version_history_find(const sf_row_source *source, sf_bytes key, int64_t after_ms,
                                  sf_version_row *row, sf_buffer *value, bool *found,
                                  sf_error *err);

#endif
