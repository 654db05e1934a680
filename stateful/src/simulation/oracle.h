/* oracle.h - what must hold at every moment, whatever the topology does.
 *
 *  1 What a query may see of a store is what its changelog has committed, up to the position that the
 *    state says it has: nothing uncommitted, nothing lost, nothing twice.
 *  2 A store that is still on the disk is restored from where it was, never from before; unless it is so
 *    old that deletions may be gone from the changelog.
 *  3 The group's positions: see simulated_positions.h.
 *
 * One thread.
 */
#ifndef SF_SIMULATION_ORACLE_H
#define SF_SIMULATION_ORACLE_H

#include "simulation/machine.h"

typedef struct sf_oracle sf_oracle;

/* Of one machine. */
sf_oracle *sf_oracle_new(const sf_topology *topology, const char *application_id);
void sf_oracle_free(sf_oracle *oracle);

/* Looks at a machine whose process is not in a call; complaints go to the cluster. */
void sf_oracle_look(sf_oracle *oracle, const sf_machine *machine);

/* A process of the machine reads a changelog from there, to restore. */
void sf_oracle_note_restore(sf_oracle *oracle, const sf_machine *machine, const char *topic,
                            int32_t partition, int64_t from);

#endif
