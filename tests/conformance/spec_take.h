/* spec_take.h - the functions of one record: a new key, value, grouping or key to look up.
 *
 * Read once with the topology, applied to each record; x is the key or the value, and a null x gives
 * null. A refusal names what a record held that the function cannot work on.
 */
#ifndef TESTS_CONFORMANCE_SPEC_TAKE_H
#define TESTS_CONFORMANCE_SPEC_TAKE_H

#include <stateful/record.h>

#include "conformance/spec_value.h"

typedef enum spec_take_fn {
    TAKE_SAME,
    TAKE_CONSTANT,
    TAKE_CHAR_AT,
    TAKE_SPLIT_PART,
    TAKE_TO_INT,
    TAKE_NUMBERED,
    TAKE_WINDOW_KEY,
    TAKE_WINDOW_TEXT,
} spec_take_fn;

typedef enum spec_item { ITEM_KEY, ITEM_VALUE, ITEM_RESULT } spec_item;

typedef struct spec_take {
    spec_take_fn fn;
    spec_item of;
    spec_key_type key; /* types of what comes in */
    spec_type value;
    sf_bytes constant;
    int64_t index;
    const char *separator;
    bool has_null_when;
    spec_item null_of;
    const char *const *null_texts;
    size_t null_count;
    spec_key_type result; /* type of what comes out */
    bool is_null;         /* a constant null, which is of every type */
} spec_take;

/* allow_numbered: only the functions of a flat_map know the number of a copy. */
sf_status spec_take_read(const cJSON *json, const char *what, spec_key_type key, spec_type value,
                         bool allow_numbered, sf_arena *arena, spec_take *take, sf_error *err);

/* copy: its number in a flat_map, else 0. The result lies in the arena or in the record. */
sf_status spec_take_apply(const spec_take *take, const sf_record *record, int64_t copy,
                          sf_arena *arena, sf_bytes *result, sf_error *err);

#endif
