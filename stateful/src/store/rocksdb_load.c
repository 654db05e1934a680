#include "store/rocksdb_load.h"

static char *write_rows(rocksdb_sstfilewriter_t *writer, const sf_state_row *rows, size_t count)
{
    char *text = NULL;

    for (size_t i = 0; i < count && !text; i++) {
        const char *key = (const char *)rows[i].key.data;

        if (rows[i].value.data)
            rocksdb_sstfilewriter_put(writer, key, rows[i].key.size,
                                      (const char *)rows[i].value.data, rows[i].value.size, &text);
        else
            rocksdb_sstfilewriter_delete(writer, key, rows[i].key.size, &text);
    }
    if (!text)
        rocksdb_sstfilewriter_finish(writer, &text); /* synced */
    return text;
}

char *sf_rocksdb_write_file(const rocksdb_options_t *options, const char *path,
                            const sf_state_row *rows, size_t count)
{
    rocksdb_envoptions_t *environment = rocksdb_envoptions_create();
    rocksdb_sstfilewriter_t *writer = rocksdb_sstfilewriter_create(environment, options);
    char *text = NULL;

    rocksdb_sstfilewriter_open(writer, path, &text);
    if (!text)
        text = write_rows(writer, rows, count);
    rocksdb_sstfilewriter_destroy(writer);
    rocksdb_envoptions_destroy(environment);
    return text;
}

char *sf_rocksdb_take_in_file(rocksdb_t *db, rocksdb_column_family_handle_t *family,
                              const char *path)
{
    rocksdb_ingestexternalfileoptions_t *options = rocksdb_ingestexternalfileoptions_create();
    char *text = NULL;

    rocksdb_ingestexternalfileoptions_set_move_files(options, 1);
    rocksdb_flush_wal(db, 1, &text);
    if (!text)
        rocksdb_ingest_external_file_cf(db, family, &path, 1, options, &text);
    rocksdb_ingestexternalfileoptions_destroy(options);
    return text;
}
