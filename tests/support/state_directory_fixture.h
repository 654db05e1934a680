/* state_directory_fixture.h - a directory for the state of one test, in /tmp. */
#ifndef TESTS_SUPPORT_STATE_DIRECTORY_FIXTURE_H
#define TESTS_SUPPORT_STATE_DIRECTORY_FIXTURE_H

#include <stdint.h>

/* Made; give it to _remove. */
char *sf_test_directory_make(void);

/* The same, where syncing costs nothing if there is such a place: for tests that start very often. */
char *sf_test_directory_make_quick(void);
void sf_test_directory_remove(char *directory);

/* The seed of a random test: TEST_SEED, or a new one; printed by the test when it fails. */
uint64_t sf_test_seed(void);

/* A long run was asked for (TEST_LONG). */
int sf_test_rounds(int usual, int long_run);

#endif
