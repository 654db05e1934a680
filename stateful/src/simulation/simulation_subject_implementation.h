/* simulation_subject_implementation.h - the private half of <stateful/simulation_subject.h>. One thread. */
#ifndef SF_SIMULATION_SIMULATION_SUBJECT_IMPLEMENTATION_H
#define SF_SIMULATION_SIMULATION_SUBJECT_IMPLEMENTATION_H

#include <stateful/simulation_subject.h>

#include "base/random.h"

struct sf_simulation_random {
    sf_random random;
};

/* SF_INVALID says what makes no sense. */
sf_status sf_simulation_subject_check(const sf_simulation_subject *subject, sf_error *err);

#endif
