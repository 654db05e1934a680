/* spec_windowed.h - windowed keys on the wire of the cases' topics: start and end in 8 bytes each, then
 * the key. A test's own form, so that one serde does for windows of every kind.
 */
#ifndef TESTS_CONFORMANCE_SPEC_WINDOWED_H
#define TESTS_CONFORMANCE_SPEC_WINDOWED_H

#include <stateful/windowed.h>

#include "conformance/spec_value.h"

/* A constant. */
const sf_serde *spec_windowed_serde(spec_type key);

/* A key in flight as "[key@start/end]", or with the key shown as in messages. */
const char *spec_windowed_text(const sf_windowed *windowed, spec_type type, sf_arena *arena);
const char *spec_windowed_shown(const sf_windowed *windowed, spec_type type, sf_arena *arena);

#endif
