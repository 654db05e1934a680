#include "support/raw_database.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/store_layout.h"

void raw_database_must(const char *what, const char *error)
{
    if (!error)
        return;
    (void)fprintf(stderr, "%s: %s\n", what, error);
    exit(1);
}

void raw_database_open(raw_database *raw, const char *state_directory, size_t block_cache_bytes)
{
    char *path = sf_text_printf("%s/db", state_directory), *error = NULL;

    rocksdb_load_latest_options(path, rocksdb_create_default_env(), true,
                                rocksdb_cache_create_lru(block_cache_bytes), &raw->db_options,
                                &raw->count, &raw->names, &raw->options, &error);
    raw_database_must("options", error);
    raw->families = sf_zalloc(raw->count * sizeof(*raw->families));
    raw->db = rocksdb_open_for_read_only_column_families(
        raw->db_options, path, (int)raw->count, (const char *const *)raw->names,
        (const rocksdb_options_t *const *)raw->options, raw->families, 0, &error);
    raw_database_must("database", error);
    free(path);
}

void raw_database_create_like(raw_database *raw, const raw_database *model, const char *path)
{
    char *error = NULL;

    *raw = *model;
    raw->families = sf_zalloc(raw->count * sizeof(*raw->families));
    rocksdb_options_set_create_if_missing(raw->db_options, 1);
    rocksdb_options_set_create_missing_column_families(raw->db_options, 1);
    raw->db = rocksdb_open_column_families(
        raw->db_options, path, (int)raw->count, (const char *const *)raw->names,
        (const rocksdb_options_t *const *)raw->options, raw->families, &error);
    raw_database_must("new database", error);
}

rocksdb_column_family_handle_t *raw_database_family(const raw_database *raw, const char *store)
{
    char *wanted = sf_store_family_name(store);
    rocksdb_column_family_handle_t *found = NULL;

    for (size_t i = 0; i < raw->count; i++)
        if (!strcmp(raw->names[i], wanted))
            found = raw->families[i];
    raw_database_must(wanted, found ? NULL : "there is no such family");
    free(wanted);
    return found;
}

void raw_database_close(raw_database *raw)
{
    for (size_t i = 0; i < raw->count; i++)
        rocksdb_column_family_handle_destroy(raw->families[i]);
    rocksdb_close(raw->db);
    free(raw->families);
}
