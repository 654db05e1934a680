/* sorted_rows.h - rows of a store that were read in one order and are wanted in another: by two
 * numbers, then key, then as they came. Owned copies. */
#ifndef SF_STORE_SORTED_ROWS_H
#define SF_STORE_SORTED_ROWS_H

#include "base/buffer.h"

typedef struct sf_sorted_row {
    int64_t first;
    int64_t second;
    sf_bytes key;
    sf_bytes value;
} sf_sorted_row;

/* Zero is empty. */
typedef struct sf_sorted_rows {
    sf_buffer bytes;
    sf_buffer places;
    size_t position; /* of the next one, in places */
    bool backwards;
} sf_sorted_rows;

void sf_sorted_rows_done(sf_sorted_rows *rows);
void sf_sorted_rows_add(sf_sorted_rows *rows, const sf_sorted_row *row); /* copies */

/* Once all are there; backwards: from the end. */
void sf_sorted_rows_sort(sf_sorted_rows *rows, bool backwards);

/* false at the end; valid as long as the rows. */
bool sf_sorted_rows_next(sf_sorted_rows *rows, sf_sorted_row *row);

#endif
