/* rocksdb_settings.h - how RocksDB is set for state. What is returned is the caller's, who ends it with
 * RocksDB's own function for it. Any thread. */
#ifndef SF_STORE_ROCKSDB_SETTINGS_H
#define SF_STORE_ROCKSDB_SETTINGS_H

#include <rocksdb/c.h>
#include <stddef.h>

/* Keys with so many bytes in common are near each other in the memtable. */
enum { SF_ROCKSDB_HINT_PREFIX_SIZE = 5 };

/* For the blocks of all families. */
rocksdb_cache_t *sf_rocksdb_block_cache(size_t bytes);

/* Of the files. The cache is borrowed. */
rocksdb_block_based_table_options_t *sf_rocksdb_table_options(rocksdb_cache_t *cache);

/* Of the database and each of its families; memtable_bytes for all of them together. */
rocksdb_options_t *sf_rocksdb_database_options(rocksdb_block_based_table_options_t *table,
                                               size_t memtable_bytes);

#endif
