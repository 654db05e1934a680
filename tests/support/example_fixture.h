/* example_fixture.h - the example programs, run as a reader would run them. */
#ifndef TESTS_SUPPORT_EXAMPLE_FIXTURE_H
#define TESTS_SUPPORT_EXAMPLE_FIXTURE_H

#include <stddef.h>

/* What an example prints for that input (NULL: none) with those arguments; it must end well. The test is
 * skipped if the examples are not built. */
void example_run(const char *name, const char *arguments, const char *input, char *output,
                 size_t size);

#endif
