/* spec_state.h - what a case says of stores: after an input, and at the end. */
#ifndef TESTS_CONFORMANCE_SPEC_STATE_H
#define TESTS_CONFORMANCE_SPEC_STATE_H

#include <stateful/test_driver.h>

#include "conformance/spec_row.h"

/* SF_BAD_DATA with a sentence for a check that does not hold; another code for one that makes no
 * sense. */

/* One of `state_checks`: the content of a store, or a look-up in it. */
sf_status spec_state_check(const spec_topology *topology, sf_test_driver *driver,
                           const cJSON *check, sf_arena *arena, sf_error *err);

/* A row of `final_state` that names a store. */
sf_status spec_state_final(const spec_topology *topology, sf_test_driver *driver, const cJSON *row,
                           sf_arena *arena, sf_error *err);

#endif
