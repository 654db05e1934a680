#include "simulation/simulation_subject_implementation.h"

uint64_t sf_simulation_random_below(sf_simulation_random *random, uint64_t bound)
{
    return sf_random_below(&random->random, bound);
}

sf_status sf_simulation_subject_check(const sf_simulation_subject *subject, sf_error *err)
{
    bool has_input = false;

    if (!subject->name || !subject->topology || !subject->generate)
        return sf_fail(err, SF_INVALID, "a subject needs a name, a topology and a generator");
    for (size_t i = 0; i < subject->topic_count; i++) {
        has_input = has_input || subject->topics[i].role == SF_SIMULATION_INPUT;
        if (!subject->topics[i].name || subject->topics[i].partitions < 1)
            return sf_fail(err, SF_INVALID,
                           "subject %s: a topic needs a name and at least one partition",
                           subject->name);
    }
    if (!has_input)
        return sf_fail(err, SF_INVALID, "subject %s lists no input topic", subject->name);
    return SF_OK;
}
