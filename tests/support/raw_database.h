/* raw_database.h - a state directory's database through RocksDB's own C interface, with the options its files say:
 * what the engine's stores are measured against. Ends the process when something cannot be done. */
#ifndef TESTS_SUPPORT_RAW_DATABASE_H
#define TESTS_SUPPORT_RAW_DATABASE_H

#include <stddef.h>

#include <rocksdb/c.h>

typedef struct raw_database {
    rocksdb_t *db;
    size_t count; /* of families */
    char **names;
    rocksdb_options_t *db_options;
    rocksdb_options_t **options;
    rocksdb_column_family_handle_t **families;
} raw_database;

/* Prints what went wrong and exits; does nothing if error is NULL. */
void raw_database_must(const char *what, const char *error);

/* For reading; the process that has it may go on writing, which is not seen. */
void raw_database_open(raw_database *raw, const char *state_directory, size_t block_cache_bytes);

/* An empty one with the same options and families, in a directory that is not there yet. */
void raw_database_create_like(raw_database *raw, const raw_database *model, const char *path);

/* Of a store. */
rocksdb_column_family_handle_t *raw_database_family(const raw_database *raw, const char *store);

void raw_database_close(raw_database *raw);

#endif
