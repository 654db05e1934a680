/* spec_row.h - records of an output topic, as the case expects them and as they came.
 *
 * Two rows are equal if their key, value, time and headers are, as far as the expected one names them.
 */
#ifndef TESTS_CONFORMANCE_SPEC_ROW_H
#define TESTS_CONFORMANCE_SPEC_ROW_H

#include <stateful/record.h>

#include "conformance/spec_topology.h"

typedef struct spec_row {
    sf_bytes key; /* in flight */
    const char *key_shown;
    const char *value_shown;
    bool has_timestamp;
    int64_t timestamp;
    const char *headers; /* NULL: not named */
} spec_row;

typedef struct spec_rows {
    spec_row *items; /* in the arena */
    size_t count;
    size_t capacity;
} spec_rows;

void spec_rows_add(spec_rows *rows, const spec_row *row, sf_arena *arena);

/* Fields of a JSON row: key, value, ts and headers; others are not looked at. */
sf_status spec_row_read(const cJSON *json, const spec_topic *topic, sf_arena *arena, spec_row *row,
                        sf_error *err);

/* A record as it was read from the topic; decoded into the arena. */
sf_status spec_row_of_record(const sf_record *record, const spec_topic *topic, sf_arena *arena,
                             spec_row *row, sf_error *err);

/* The headers {name: bytes in hexadecimal} of an input or a row. */
sf_status spec_headers_read(const cJSON *json, sf_arena *arena, sf_headers *headers, sf_error *err);

bool spec_row_fits(const spec_row *expected, const spec_row *actual);
const char *spec_row_shown(const spec_row *row, sf_arena *arena);

#endif
