/* subjects.h - the topologies that are simulated, each with its inputs and a model written apart from the
 * engine: sort and sum. */
#ifndef TESTS_SIMULATION_SUBJECTS_H
#define TESTS_SIMULATION_SUBJECTS_H

#include <stateful/simulation.h>

enum { SUBJECTS_COUNT = 4 };

/* sums         running sums of each key; every one comes out, in order
 * digit-sums   the same behind a repartition topic: the last sums, and as many results as records
 * windows      counts by key and window, with late records that must be dropped
 * tables       two tables joined by key, rows that come and go */
void subjects_open(sf_simulation_subject subjects[SUBJECTS_COUNT]);
void subjects_close(sf_simulation_subject subjects[SUBJECTS_COUNT]);

#endif
