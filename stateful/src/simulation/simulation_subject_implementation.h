/* simulation_subject_implementation.h - the private half of <stateful/simulation_subject.h>. One thread. */
#ifndef SF_SIMULATION_SIMULATION_SUBJECT_IMPLEMENTATION_H
#define SF_SIMULATION_SIMULATION_SUBJECT_IMPLEMENTATION_H

#include <stdbool.h>

#include <stateful/simulation_subject.h>

#include "base/random.h"

struct sf_simulation_random {
    sf_random random;
};

/* Whether the generator may write to that topic; NULL: no. */
bool sf_simulation_subject_has_input(const sf_simulation_subject *subject, const char *topic);

/* SF_INVALID says what makes no sense. */
sf_status sf_simulation_subject_check(const sf_simulation_subject *subject, sf_error *err);

#endif
