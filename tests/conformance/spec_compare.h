/* spec_compare.h - the ways in which rows are compared. */
#ifndef TESTS_CONFORMANCE_SPEC_COMPARE_H
#define TESTS_CONFORMANCE_SPEC_COMPARE_H

#include <stdio.h>

#include "conformance/spec_row.h"

typedef enum spec_compare {
    COMPARE_EXACT,
    COMPARE_PREFIX, /* more may follow */
    COMPARE_SET,    /* per key (and window) the values and times ever seen */
    COMPARE_SORTED, /* what came is sorted by key and window, what is expected is so already */
    COMPARE_SORTED_KEY_TS,
    COMPARE_MAP,        /* the last row of each key */
    COMPARE_LAST,       /* the very last row */
    COMPARE_FINAL_ONLY, /* no rows; other things are checked in any case */
    COMPARE_DROPPED_ONLY,
    COMPARE_STORE,
} spec_compare;

/* The mode for a topic: `compare` is a word, or an object of words by topic, or not there. */
sf_status spec_compare_read(const cJSON *compare, const char *topic, int *mode, sf_error *err);

/* Whether the rows fit. If not, both are written side by side to the report. taken (for a prefix) = how
 * many of the actual ones were looked at. */
bool spec_compare_rows(spec_compare mode, const spec_topic *topic, const spec_rows *expected,
                       const spec_rows *actual, size_t *taken, sf_arena *arena, FILE *report);

#endif
