/* replay_changelog.c - B12: what RocksDB alone has on the disk when the changes of an application, as its changelog on the
 * journal has them, are put into it in the same order with the same options.
 *
 * The journal drops changes that others followed, so these are the final rows, and some that were replaced of late.
 *
 * replay_changelog JOURNAL_ADDRESS TOPIC STATE_DIRECTORY STORE NEW_DIRECTORY
 * In the end both databases must hold the same rows of the store. Prints one JSON line: changes, rows.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/broker.h>
#include <stateful/connect.h>

#include "base/buffer.h"
#include "base/encoding.h"
#include "record/record_batch.h"
#include "support/raw_database.h"

enum { BATCH = 1000, BLOCK_CACHE_BYTES = 16 << 20, PARTITION_SIZE = 4 };

typedef struct replay {
    raw_database state;
    raw_database copy;
    rocksdb_column_family_handle_t *family; /* of the copy */
    rocksdb_writeoptions_t *options;
    rocksdb_writebatch_t *batch;
    sf_buffer key;
    uint64_t changes;
} replay;

static void must(sf_status status, const sf_error *err)
{
    raw_database_must("replay_changelog", status ? err->text : NULL);
}

static void write_batch(replay *r)
{
    char *error = NULL;

    rocksdb_write(r->copy.db, r->options, r->batch, &error);
    raw_database_must("write", error);
    rocksdb_writebatch_clear(r->batch);
}

/* A row's key has its partition before it, its value is the changelog's. */
static void put(replay *r, int32_t partition, const sf_record *change)
{
    sf_buffer_clear(&r->key);
    sf_put_be32(sf_buffer_extend(&r->key, PARTITION_SIZE), (uint32_t)partition);
    sf_buffer_add_bytes(&r->key, change->key);
    rocksdb_writebatch_put_cf(r->batch, r->family, (const char *)r->key.data, r->key.size,
                              (const char *)change->value.data, change->value.size);
    r->changes++;
    if (rocksdb_writebatch_count(r->batch) == BATCH)
        write_batch(r);
}

static bool read_some(replay *r, sf_reader *reader, int32_t partition)
{
    sf_record_batch *batch;
    sf_error err;

    must(sf_reader_read(reader, BATCH, &batch, &err), &err);
    if (batch) {
        for (size_t i = 0; i < batch->count; i++)
            put(r, partition, &batch->records[i].record);
        batch->release(batch);
    }
    return sf_reader_is_ready(reader);
}

static void replay_all(replay *r, const char *address, const char *topic)
{
    sf_reader *readers[64];
    sf_consumer *consumer;
    int32_t partitions;
    sf_broker *broker;
    bool goes_on = true;
    sf_error err;

    must(sf_broker_connect(address, NULL, &broker, &err), &err);
    must(sf_broker_partition_count(broker, topic, &partitions, &err), &err);
    must(sf_consumer_new(broker, NULL, &consumer, &err), &err);
    for (int32_t i = 0; i < partitions && i < 64; i++)
        must(sf_consumer_add(consumer, topic, i, 0, &readers[i], &err), &err);
    while (goes_on) {
        goes_on = false;
        for (int32_t i = 0; i < partitions && i < 64; i++)
            goes_on |= read_some(r, readers[i], i);
    }
    write_batch(r);
    sf_consumer_close(consumer);
    sf_broker_close(broker);
}

static rocksdb_iterator_t *rows_of(const raw_database *raw, const char *store)
{
    rocksdb_iterator_t *rows = rocksdb_create_iterator_cf(raw->db, rocksdb_readoptions_create(),
                                                          raw_database_family(raw, store));

    rocksdb_iter_seek_to_first(rows);
    return rows;
}

/* How many they are. */
static uint64_t check_rows(const replay *r, const char *store)
{
    rocksdb_iterator_t *ours = rows_of(&r->state, store), *theirs = rows_of(&r->copy, store);
    uint64_t count = 0;

    for (; rocksdb_iter_valid(ours) && rocksdb_iter_valid(theirs); count++) {
        size_t sizes[4];
        const char *keys[2] = {rocksdb_iter_key(ours, &sizes[0]),
                               rocksdb_iter_key(theirs, &sizes[1])};
        const char *values[2] = {rocksdb_iter_value(ours, &sizes[2]),
                                 rocksdb_iter_value(theirs, &sizes[3])};

        if (sizes[0] != sizes[1] || memcmp(keys[0], keys[1], sizes[0]) || sizes[2] != sizes[3] ||
            memcmp(values[0], values[1], sizes[2]))
            raw_database_must(store, "the state holds another row than its changelog");
        rocksdb_iter_next(ours);
        rocksdb_iter_next(theirs);
    }
    if (rocksdb_iter_valid(ours) || rocksdb_iter_valid(theirs))
        raw_database_must(store, "the state holds more rows than its changelog, or fewer");
    rocksdb_iter_destroy(ours);
    rocksdb_iter_destroy(theirs);
    return count;
}

int main(int count, char **words)
{
    replay r = {0};
    uint64_t rows;

    if (count != 6) {
        (void)fprintf(stderr, "replay_changelog JOURNAL_ADDRESS TOPIC STATE_DIRECTORY STORE "
                              "NEW_DIRECTORY\n");
        return 2;
    }
    raw_database_open(&r.state, words[3], BLOCK_CACHE_BYTES);
    raw_database_create_like(&r.copy, &r.state, words[5]);
    r.family = raw_database_family(&r.copy, words[4]);
    r.options = rocksdb_writeoptions_create();
    r.batch = rocksdb_writebatch_create();
    replay_all(&r, words[1], words[2]);
    rows = check_rows(&r, words[4]);
    raw_database_close(&r.copy);
    raw_database_close(&r.state);
    (void)printf("{\"bench\":\"replay_changelog\",\"changes\":%" PRIu64 ",\"rows\":%" PRIu64 "}\n",
                 r.changes, rows);
    return 0;
}
