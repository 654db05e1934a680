/* equality_rows.h - lists of what a topology made, to be held against each other: records of an output
 * topic, rows of a store. */
#ifndef TESTS_SUPPORT_EQUALITY_ROWS_H
#define TESTS_SUPPORT_EQUALITY_ROWS_H

#include <stdbool.h>

#include <stateful/arena.h>
#include <stateful/bytes.h>

typedef struct equality_row {
    sf_bytes key;
    int64_t start_ms; /* of stores only, as in view_iterator.h */
    int64_t end_ms;
    int64_t valid_to_ms;
    sf_bytes value;
    int64_t timestamp;
} equality_row;

typedef struct equality_rows {
    equality_row *items;
    size_t count;
    sf_arena *memory; /* of their bytes */
} equality_rows;

void equality_rows_init(equality_rows *rows);
void equality_rows_done(equality_rows *rows);

/* Copies. */
void equality_rows_add(equality_rows *rows, const equality_row *row);

/* By key, then start, end, and timestamp; the order of equals stays. */
void equality_rows_sort(equality_rows *rows);

/* Those without a key behind all others, by timestamp and value: they may lie in any partition. The
 * order of the others stays. */
void equality_rows_part_keyless(equality_rows *rows);

/* Sorted, the last one of each key, unless its value is null; and those without a key, by timestamp and
 * value. */
void equality_rows_leave_last(equality_rows *rows);

/* Leaves out rows whose value is the text "0": sums of nothing. */
void equality_rows_drop_zeros(equality_rows *rows);

void equality_rows_forget_times(equality_rows *rows);

/* Whether both are the same; if not, prints where they part. */
bool equality_rows_equal(const equality_rows *expected, const equality_rows *found);

#endif
