/* spec_case.h - one case file: what is said beside the topology. */
#ifndef TESTS_CONFORMANCE_SPEC_CASE_H
#define TESTS_CONFORMANCE_SPEC_CASE_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include <stateful/error.h>

typedef enum spec_caching { CACHING_ON, CACHING_OFF, CACHING_BOTH } spec_caching;

/* Done before an input: the wall clock is set, or the program starts again. */
typedef struct spec_step {
    int64_t before_input;
    bool restarts;
    int64_t wall_clock_ms;
} spec_step;

typedef struct spec_case {
    cJSON *root; /* owned; NULL if the file could not be read */
    const cJSON *spec;
    const cJSON *inputs;
    const cJSON *checkpoints;
    const cJSON *expected;
    int caching; /* spec_caching */
    bool commits_at_the_end;
    int64_t emit_interval_ms;
    spec_step *steps;
    size_t step_count;
} spec_case;

/* Refuses fields that are not known. Call _done also after a failure. */
sf_status spec_case_read(spec_case *read, const char *path, sf_error *err);
void spec_case_done(spec_case *read);

#endif
