/* window_rows.h - the rows of a window store that a fetch asks for, in order of time: a range as it
 * is, or where the layout does not have that order, read at once and sorted. */
#ifndef SF_STORE_WINDOW_ROWS_H
#define SF_STORE_WINDOW_ROWS_H

#include "store/row_source.h"
#include "store/window_key.h"

typedef struct sf_window_rows sf_window_rows;

typedef struct sf_window_query {
    sf_row_source source;
    sf_window_layout layout; /* the store's */
    bool has_index;          /* its side family orders by time */
    bool backwards;
    sf_bytes key; /* null: all keys */
    int64_t from_ms;
    int64_t to_ms;          /* included */
    int64_t first_start_ms; /* what begins before is not shown */
} sf_window_query;

/* By start, then key, then sequence. */
sf_status sf_window_rows_open(const sf_window_query *query, sf_window_rows **rows, sf_error *err);
void sf_window_rows_free(sf_window_rows *rows);

/* false at the end, or on an error (then *status is set). Valid until the next step. */
bool sf_window_rows_next(sf_window_rows *rows, sf_window_key *window, sf_bytes *full_value,
                         sf_status *status, sf_error *err);

#endif
