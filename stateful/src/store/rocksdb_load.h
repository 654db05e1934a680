/* rocksdb_load.h - sorted rows as a file that RocksDB takes in. Both return NULL, or RocksDB's text of what
 * went wrong (rocksdb_free). Any thread. */
#ifndef SF_STORE_ROCKSDB_LOAD_H
#define SF_STORE_ROCKSDB_LOAD_H

#include <rocksdb/c.h>

#include "store/state_db.h"

/* Writes the rows, ascending keys, each once, to a new file, and syncs it. */
char *sf_rocksdb_write_file(const rocksdb_options_t *options, const char *path,
                            const sf_state_row *rows, size_t count);

/* Syncs what was written before, and then makes the file one of the family's: it is linked, not copied, and
 * its own name goes. */
char *sf_rocksdb_take_in_file(rocksdb_t *db, rocksdb_column_family_handle_t *family,
                              const char *path);

#endif
