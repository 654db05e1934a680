/* spec_checks.h - what a case asks of a run: rows at checkpoints, stores, counts, what calls returned.
 *
 * A check that does not hold fails with SF_BAD_DATA and a sentence.
 */
#ifndef TESTS_CONFORMANCE_SPEC_CHECKS_H
#define TESTS_CONFORMANCE_SPEC_CHECKS_H

#include <stdio.h>

#include <stateful/test_driver.h>

#include "conformance/spec_case.h"
#include "conformance/spec_row.h"

/* A case in the middle of its inputs. */
typedef struct spec_run {
    const spec_case *read;
    spec_topology *topology;
    sf_test_driver *driver;
    sf_arena *arena;
    spec_rows *outputs; /* one for each topic of the topology */
    size_t *looked_at;  /* rows of it that checkpoints have seen */
    int64_t now_ms;
    uint64_t dropped; /* before the last restart */
    bool differs;     /* a table of rows is in the report */
    FILE *report;
} spec_run;

/* Every expected row stands at a checkpoint of its topic, else nobody would look for it. */
sf_status spec_checks_places(const spec_run *run, sf_error *err);

/* The topics that have a checkpoint after this input. */
sf_status spec_checks_rows(spec_run *run, int64_t input, sf_error *err);

/* `state_checks` after this input; -1: before the first. */
sf_status spec_checks_stores(spec_run *run, int64_t input, sf_error *err);

/* What the last put returned, if the input says what it should have been. */
sf_status spec_checks_put(const spec_run *run, const cJSON *input, sf_error *err);

/* At the end. */
sf_status spec_checks_final_state(spec_run *run, sf_error *err);
sf_status spec_checks_dropped(spec_run *run, sf_error *err);

#endif
