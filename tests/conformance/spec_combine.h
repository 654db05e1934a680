/* spec_combine.h - the functions of two values a and b: joiners (left, right), reducers (old, new),
 * aggregators, adders and subtractors (aggregate, value), mergers (aggregate, next session).
 */
#ifndef TESTS_CONFORMANCE_SPEC_COMBINE_H
#define TESTS_CONFORMANCE_SPEC_COMBINE_H

#include "conformance/spec_value.h"

typedef enum spec_combine_fn {
    COMBINE_CONCAT,
    COMBINE_SUM,
    COMBINE_DIFFERENCE,
    COMBINE_INCREMENT,
    COMBINE_REMOVE_ALL,
} spec_combine_fn;

typedef struct spec_combine {
    spec_combine_fn fn;
    spec_type a;
    spec_type b;
    spec_type result;
    const char *prefix;
    const char *sep;
    const char *suffix;
} spec_combine;

sf_status spec_combine_read(const cJSON *json, const char *what, spec_type a, spec_type b,
                            spec_combine *combine, sf_error *err);

/* Only concat takes nulls. */
sf_status spec_combine_apply(const spec_combine *combine, sf_bytes a, sf_bytes b, sf_arena *arena,
                             sf_bytes *result, sf_error *err);

#endif
