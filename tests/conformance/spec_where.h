/* spec_where.h - the predicates of filters. A null is taken by none of them. */
#ifndef TESTS_CONFORMANCE_SPEC_WHERE_H
#define TESTS_CONFORMANCE_SPEC_WHERE_H

#include <stateful/record.h>

#include "conformance/spec_value.h"

typedef enum spec_where_fn { WHERE_EVEN, WHERE_EQUALS_IGNORE_CASE } spec_where_fn;

typedef struct spec_where {
    spec_where_fn fn;
    bool is_of_key;
    spec_key_type key;
    spec_type value;
    const char *text;
} spec_where;

sf_status spec_where_read(const cJSON *json, const char *what, spec_key_type key, spec_type value,
                          spec_where *where, sf_error *err);

/* An sf_predicate_fn over a spec_where. */
bool spec_where_holds(void *user, const sf_record *record);

#endif
