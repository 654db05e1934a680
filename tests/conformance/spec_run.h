/* spec_run.h - runs one case on the test driver and compares what comes with what is expected. */
#ifndef TESTS_CONFORMANCE_SPEC_RUN_H
#define TESTS_CONFORMANCE_SPEC_RUN_H

#include <stdbool.h>
#include <stdio.h>

/* Whether the case holds, with each caching that it asks for. If not, the report says why, in a line
 * and, where rows differ, a table of them. */
bool spec_run_file(const char *path, FILE *report);

#endif
