/* rocksdb_state_db.h - the state_db on disk; the only door to RocksDB. */
#ifndef SF_STORE_ROCKSDB_STATE_DB_H
#define SF_STORE_ROCKSDB_STATE_DB_H

#include "store/state_db.h"

typedef struct sf_rocksdb_options {
    const char *path;         /* made if missing; its parent must be there */
    size_t block_cache_bytes; /* 0: 16 MB */
    size_t memtable_bytes;    /* all families together; 0: 32 MB */
    bool is_read_only;        /* for tools: nothing is made, written or compacted */
} sf_rocksdb_options;

/* Code SF_BUSY when another process has it, SF_CORRUPT when its files are damaged. */
sf_status sf_rocksdb_state_db_open(const sf_rocksdb_options *options, sf_state_db **db,
                                   sf_error *err);

#endif
