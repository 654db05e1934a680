/* bulk_load.h - the rows of a long restore on their way into the database: gathered in memory in any
 * order, written sorted, family by family. One thread.
 *
 * A load is not atomic with anything: what says how far it came (a position) is written after it, and
 * what says that it began before it.
 */
#ifndef SF_STORE_BULK_LOAD_H
#define SF_STORE_BULK_LOAD_H

#include "store/state_db.h"

typedef struct sf_bulk_load sf_bulk_load;

/* Borrows the database. */
sf_bulk_load *sf_bulk_load_new(sf_state_db *db);
void sf_bulk_load_free(sf_bulk_load *load); /* what is not written is dropped; NULL is fine */

/* Where rows are put or deleted one by one, the last of a key counts; ranges are not deleted this way.
 * The load's; it is cleared and written by the calls below alone. */
sf_state_batch *sf_bulk_load_batch(sf_bulk_load *load);

/* Memory that the rows take. */
size_t sf_bulk_load_bytes(const sf_bulk_load *load);

/* Writes all rows: they survive as sf_state_db_ingest says. Empty afterwards. A failure may leave some
 * families written; the rows are kept, and can be written again. */
sf_status sf_bulk_load_write(sf_bulk_load *load, sf_error *err);

#endif
