/* subjects.h - the topologies that are simulated, each with its inputs and a model written apart from the
 * engine: sort and sum. */
#ifndef TESTS_SIMULATION_SUBJECTS_H
#define TESTS_SIMULATION_SUBJECTS_H

#include <stateful/simulation.h>

enum { SUBJECTS_COUNT = 10 };

void subjects_open(sf_simulation_subject subjects[SUBJECTS_COUNT]);
void subjects_close(sf_simulation_subject subjects[SUBJECTS_COUNT]);

/* One by one: see the head of each subject_….c. The topology is the caller's, but for the shop's. */
sf_simulation_subject subject_sums(void);
sf_simulation_subject subject_digit_sums(void);
sf_simulation_subject subject_windows(void);
sf_simulation_subject subject_tables(void);
sf_simulation_subject subject_suppress(void);
sf_simulation_subject subject_versioned(void);
sf_simulation_subject subject_stream_join(void);
sf_simulation_subject subject_foreign_key(void);
sf_simulation_subject subject_dead_letters(void);
sf_simulation_subject subject_shop(void);
void subject_shop_close(sf_simulation_subject *subject);

#endif
