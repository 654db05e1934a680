#include "simulation/subjects.h"

#include <string.h>

void subjects_open(sf_simulation_subject subjects[SUBJECTS_COUNT])
{
    const sf_simulation_subject all[SUBJECTS_COUNT] = {
        subject_sums(),         subject_digit_sums(), subject_windows(),     subject_tables(),
        subject_suppress(),     subject_versioned(),  subject_stream_join(), subject_foreign_key(),
        subject_dead_letters(), subject_shop(),
    };

    memcpy(subjects, all, sizeof(all));
}

/* The shop is the last one. */
void subjects_close(sf_simulation_subject subjects[SUBJECTS_COUNT])
{
    for (size_t i = 0; i < SUBJECTS_COUNT - 1; i++)
        sf_topology_free((sf_topology *)subjects[i].topology);
    subject_shop_close(&subjects[SUBJECTS_COUNT - 1]);
}
