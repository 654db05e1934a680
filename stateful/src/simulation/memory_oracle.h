/* memory_oracle.h - what the stores of a process hold in memory stays within its shares, whatever happens.
 *
 *  1 Changes that are not committed: when a thread has stepped, what its running tasks have is below its
 *    share, or was committed.
 *  2 Clean entries: a thread's are evicted down to its share at each savepoint, and to twice the share in
 *    between. On top comes what the last commit made clean: what may be uncommitted and a quarter of it, and
 *    the rows of one record.
 *
 * Queues of clients are not simulated in bytes. One thread.
 */
#ifndef SF_SIMULATION_MEMORY_ORACLE_H
#define SF_SIMULATION_MEMORY_ORACLE_H

#include "simulation/machine.h"

/* After a step of a machine; complaints go to the cluster. */
void sf_memory_oracle_look(const sf_machine *machine);

#endif
