/* outcome_check.h - holds what was found against what is expected: sort both, walk along both. One
 * thread. */
#ifndef SF_SIMULATION_OUTCOME_CHECK_H
#define SF_SIMULATION_OUTCOME_CHECK_H

#include "base/buffer.h"
#include "simulation/simulation_outcome_implementation.h"

/* Whether all that is expected was found, and nothing else; else the first difference is written. */
bool sf_outcome_check_all(sf_simulation_outcome *outcome, sf_buffer *difference);

#endif
