/* windowed_run.h - random histories of records through a windowed sum, for the model tests: what went in,
 * what came out, what a model says it should be.
 *
 * Records have one of a few keys or none, a value or none, and times in disorder. The aggregate is the
 * sum of the values, where none counts as NO_VALUE; values are random, so that a sum tells what is in
 * it. A run may have its transactions aborted and its process killed, with or without its disk.
 */
#ifndef TESTS_SUPPORT_WINDOWED_RUN_H
#define TESTS_SUPPORT_WINDOWED_RUN_H

#include <stateful/stateful.h>

#include "base/random.h"

enum { WINDOWED_RECORDS_MAX = 40, WINDOWED_ROWS_MAX = 8192, NO_VALUE = 7 };

typedef struct windowed_record {
    char key; /* 0: none */
    bool has_value;
    int64_t value;
    int64_t timestamp;
} windowed_record;

typedef struct windowed_row {
    char key;
    int64_t start;
    int64_t end;
    bool is_null;
    int64_t value;
    int64_t timestamp;
} windowed_row;

typedef struct windowed_rows {
    windowed_row items[WINDOWED_ROWS_MAX];
    size_t count;
} windowed_rows;

/* How a history is run; drawn by windowed_setup_draw. */
typedef struct windowed_setup {
    windowed_record records[WINDOWED_RECORDS_MAX];
    size_t count;
    int64_t span_ms; /* about how long the history is */
    sf_emit emit;
    bool is_cached;
    bool in_memory;
    bool has_faults;
    bool is_counted;      /* the dropped records too: without faults */
    int64_t retention_ms; /* 0: default */
} windowed_setup;

void windowed_setup_draw(windowed_setup *setup, sf_random *random);

/* What a record counts for. */
static inline int64_t windowed_worth(const windowed_record *record)
{
    return record->has_value ? record->value : NO_VALUE;
}

void windowed_rows_add(windowed_rows *rows, windowed_row row);

/* Gives a grouping its windows; what it returns is summed up. */
typedef sf_grouped *(*windowed_by_fn)(const void *windows, sf_grouped *grouped);

/* Runs a history. size_ms: from start to end of a window, -1 for sessions. *dropped counts records that
 * were left out, of no use after faults. */
void windowed_run(const windowed_setup *setup, windowed_by_fn by, const void *windows,
                  int64_t size_ms, sf_random *random, windowed_rows *out, uint64_t *dropped);

/* Stable, by key, then start, then end. */
void windowed_rows_sort(windowed_rows *rows);

/* Leaves the last row of each key and window. */
void windowed_rows_leave_last(windowed_rows *rows);

bool windowed_rows_equal(const windowed_rows *expected, const windowed_rows *found);

/* For a history that went wrong. */
void windowed_run_print(const windowed_setup *setup, const windowed_rows *expected,
                        const windowed_rows *found);

/* How many histories, from which seed: 1,000 from 1, TEST_LONG ten times as many, TEST_SEED=n that one
 * alone. run returns false if the history went wrong; the test fails then and says the seed. */
void windowed_histories(bool (*run)(sf_random *random));

#endif
