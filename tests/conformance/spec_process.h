/* spec_process.h - a case in a process of its own: one that crashes or never ends is a failed one, and
 * the others go on. */
#ifndef TESTS_CONFORMANCE_SPEC_PROCESS_H
#define TESTS_CONFORMANCE_SPEC_PROCESS_H

#include <stdbool.h>

/* Whether the case holds; *report (free() it) says why not. */
bool spec_process_run(const char *path, char **report);

#endif
