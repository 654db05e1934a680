/* simulated_disk.h - a machine's disk: a state_db that outlives processes and does what disks do to them.
 *
 *   a process is killed     what was written stays
 *   the power goes          a tail of what was written goes with it, batch by batch
 *   the disk is lost        all is gone
 *   full                    a write fails and leaves nothing
 *   bad                     a read of a key fails
 *
 * Over memory, or over RocksDB in a directory (whose power never goes). One thread.
 */
#ifndef SF_SIMULATION_SIMULATED_DISK_H
#define SF_SIMULATION_SIMULATED_DISK_H

#include "simulation/simulated_host.h"
#include "store/state_db.h"

typedef struct sf_simulated_disk sf_simulated_disk;

/* directory NULL: in memory. */
sf_simulated_disk *sf_simulated_disk_new(const char *directory);
void sf_simulated_disk_free(sf_simulated_disk *disk); /* NULL is fine */

/* For a process that starts; its calls strike the host. Valid until _detach. */
sf_status sf_simulated_disk_attach(sf_simulated_disk *disk, sf_simulated_host *host,
                                   sf_state_db **db, sf_error *err);

/* After the process has let everything go. */
void sf_simulated_disk_detach(sf_simulated_disk *disk);

/* While no process has it. */
void sf_simulated_disk_cut_power(sf_simulated_disk *disk, sf_random *random);
void sf_simulated_disk_lose(sf_simulated_disk *disk);

/* A read fails, after so many that do not; negative: none. */
void sf_simulated_disk_fail_read(sf_simulated_disk *disk, int after);

/* The next so many writes fail. */
void sf_simulated_disk_fail(sf_simulated_disk *disk, int writes);

/* What lies on it, whoever writes there; NULL: nobody has it open. */
sf_state_db *sf_simulated_disk_database(const sf_simulated_disk *disk);

/* How often its contents went back: after it, less may be there than was. */
uint64_t sf_simulated_disk_losses(const sf_simulated_disk *disk);

#endif
