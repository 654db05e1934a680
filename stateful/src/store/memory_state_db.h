/* memory_state_db.h - a state_db that lives in memory: for in-memory stores, tests and the simulator.
 *
 * With a log it remembers every batch in order, so that a test can lose the last ones, as a machine
 * does that loses its power.
 */
#ifndef SF_STORE_MEMORY_STATE_DB_H
#define SF_STORE_MEMORY_STATE_DB_H

#include "store/state_db.h"

/* has_log: keep all batches, for _cut. Close it with sf_state_db_close. */
sf_state_db *sf_memory_state_db_new(bool has_log);

/* Batches written so far. Any thread. */
size_t sf_memory_state_db_batches(sf_state_db *db);

/* Takes back all but the first kept batches; the families stay. Only with a log, while nothing else
 * uses the database: no pins, snapshots or iterators. */
void sf_memory_state_db_cut(sf_state_db *db, size_t kept);

#endif
