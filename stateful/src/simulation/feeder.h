/* feeder.h - whoever writes the inputs of a history: plain producers, and transactions of others that
 * stay open for a while and may be aborted. One thread. */
#ifndef SF_SIMULATION_FEEDER_H
#define SF_SIMULATION_FEEDER_H

#include <stateful/simulation_subject.h>

#include "simulation/simulated_cluster.h"

typedef struct sf_feeder sf_feeder;

/* records: how many it writes in all. The topics are there. */
sf_feeder *sf_feeder_new(const sf_simulation_subject *subject, sf_simulated_cluster *cluster,
                         uint64_t seed, size_t records);
void sf_feeder_free(sf_feeder *feeder);

bool sf_feeder_has_more(const sf_feeder *feeder);

/* Writes some records. */
void sf_feeder_write(sf_feeder *feeder);

/* Writes no more. */
void sf_feeder_stop(sf_feeder *feeder);

/* Ends what is open. */
void sf_feeder_finish(sf_feeder *feeder);

#endif
