/* state_reads.c - B5: reads of a store through the public calls, and of the very same files through RocksDB's
 * own C interface, with the options that the files say and a block cache of the same size, alternately.
 *
 * state_reads name=value...
 *   keys=N zipf=S[,S...] operations=N pairs=N cache=MB (the store's read cache) blocks=MB (each block cache) dir=DIR
 *
 * Keys of 16 bytes, values of 48. Read is each key by itself, and 100 keys in a row (range). Prints one JSON line for
 * each pair and law: ns of processor time a read. What both sides read is summed and compared.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/file.h"
#include "base/memory.h"
#include "store/state.h"
#include "store/task_stores.h"
#include "support/named_words.h"
#include "support/raw_database.h"
#include "support/stopwatch.h"
#include "support/zipf.h"

enum {
    PARTITION_SIZE = 4, /* before each key in the database */
    TIME_SIZE = 8,      /* before each value */
    KEY_SIZE = 16,
    FULL_KEY_SIZE = PARTITION_SIZE + KEY_SIZE,
    VALUE_SIZE = 48,
    MOST_DIRTY = 100000,
    RANGE = 100,
    ZIPFS_MAX = 8,
    MEGABYTE = 1 << 20,
};

static const char store_name[] = "bench";

typedef struct bench {
    uint64_t keys;
    uint64_t operations;
    char *directory; /* of the state */
    char *drawn;     /* full keys, operations of them */
    sf_state *state;
    sf_task_stores *stores;
    sf_key_value_store *store;
    raw_database raw;
    rocksdb_column_family_handle_t *family; /* the store's, in raw */
    rocksdb_readoptions_t *read;
} bench;

typedef struct measured {
    double ns;    /* an operation */
    uint64_t sum; /* of what was read */
} measured;

static void must(sf_status status, const sf_error *err)
{
    if (!status)
        return;
    (void)fprintf(stderr, "state_reads: %s\n", err->text);
    exit(1);
}

/* ---- what is read ---- */

/* The key of partition 0; without what is before it in the database from PARTITION_SIZE on. */
static void write_key(uint64_t number, char *full_key)
{
    char text[32];

    (void)snprintf(text, sizeof(text), "key-%012" PRIu64, number); /* fits; so many keys are not */
    memset(full_key, 0, PARTITION_SIZE);
    memcpy(full_key + PARTITION_SIZE, text, KEY_SIZE);
}

static void put(bench *b, uint64_t number)
{
    char key[FULL_KEY_SIZE];
    uint8_t value[VALUE_SIZE] = {0};
    sf_error err = {0};

    write_key(number, key);
    sf_put_be64(value, number + 1);
    must(sf_key_value_store_put(b->store, sf_bytes_of(key + PARTITION_SIZE, KEY_SIZE),
                                sf_bytes_of(value, VALUE_SIZE), 1, &err),
         &err);
}

static void commit(bench *b, sf_state_commit *batch)
{
    sf_error err = {0};

    must(sf_task_stores_flush(b->stores, batch, &err), &err);
    must(sf_state_commit_write(batch, &err), &err);
    sf_task_stores_committed(b->stores);
    sf_state_commit_clear(batch);
}

static void fill(bench *b)
{
    sf_state_commit *batch = sf_state_commit_new(b->state);

    for (uint64_t i = 0; i < b->keys; i++) {
        sf_task_stores_mark(b->stores);
        put(b, i);
        if (i % MOST_DIRTY == MOST_DIRTY - 1)
            commit(b, batch);
    }
    commit(b, batch);
    sf_state_commit_free(batch);
}

static void draw_keys(bench *b, double exponent)
{
    sf_random random;
    zipf law;

    sf_random_init(&random, 7);
    zipf_init(&law, b->keys, exponent);
    for (uint64_t i = 0; i < b->operations; i++)
        write_key(zipf_next_scattered(&law, &random), b->drawn + i * FULL_KEY_SIZE);
}

/* ---- through the engine ---- */

static void open_store(bench *b, size_t block_cache_bytes, size_t read_cache_bytes)
{
    static const sf_store_options options = {.name = store_name};
    sf_error err = {0};

    must(sf_state_open(&(sf_state_options){.application_id = "bench",
                                           .directory = b->directory,
                                           .block_cache_bytes = block_cache_bytes},
                       &b->state, &err),
         &err);
    must(sf_task_stores_open(b->state, 0, &options, 1, NULL, NULL, &b->stores, &err), &err);
    b->store = sf_store_as_key_value(sf_task_stores_at(b->stores, 0));
    sf_task_stores_set_cache_bytes(b->stores, read_cache_bytes);
}

static void close_store(bench *b)
{
    sf_task_stores_close(b->stores);
    sf_state_close(b->state);
}

static measured get_by_engine(bench *b)
{
    stopwatch began = stopwatch_now();
    measured result = {0};
    sf_stored stored;
    sf_error err = {0};

    for (uint64_t i = 0; i < b->operations; i++) {
        const char *key = b->drawn + i * FULL_KEY_SIZE + PARTITION_SIZE;

        must(sf_key_value_store_get(b->store, sf_bytes_of(key, KEY_SIZE), &stored, &err), &err);
        result.sum += sf_get_be64(stored.value.data);
    }
    result.ns = stopwatch_since(began).thread_s * 1e9 / (double)b->operations;
    return result;
}

static measured range_by_engine(bench *b)
{
    stopwatch began = stopwatch_now();
    uint64_t ranges = b->operations / RANGE;
    measured result = {0};
    sf_error err = {0};

    for (uint64_t i = 0; i < ranges; i++) {
        sf_bytes from = sf_bytes_of(b->drawn + i * FULL_KEY_SIZE + PARTITION_SIZE, KEY_SIZE);
        sf_key_value_iterator *iterator;
        sf_status status = SF_OK;
        sf_stored stored;
        sf_bytes key;

        must(sf_key_value_store_range(b->store, from, SF_NULL, false, &iterator, &err), &err);
        for (int n = 0;
             n < RANGE && sf_key_value_iterator_next(iterator, &key, &stored, &status, &err); n++)
            result.sum += sf_get_be64(stored.value.data);
        must(status, &err);
        sf_key_value_iterator_free(iterator);
    }
    result.ns = stopwatch_since(began).thread_s * 1e9 / (double)ranges;
    return result;
}

/* ---- through RocksDB ---- */

static measured get_by_rocksdb(bench *b)
{
    stopwatch began = stopwatch_now();
    measured result = {0};
    char *error = NULL;

    for (uint64_t i = 0; i < b->operations; i++) {
        size_t size;
        rocksdb_pinnableslice_t *slice = rocksdb_get_pinned_cf(
            b->raw.db, b->read, b->family, b->drawn + i * FULL_KEY_SIZE, FULL_KEY_SIZE, &error);

        raw_database_must("get", error);
        result.sum +=
            sf_get_be64((const uint8_t *)rocksdb_pinnableslice_value(slice, &size) + TIME_SIZE);
        rocksdb_pinnableslice_destroy(slice);
    }
    result.ns = stopwatch_since(began).thread_s * 1e9 / (double)b->operations;
    return result;
}

static measured range_by_rocksdb(bench *b)
{
    stopwatch began = stopwatch_now();
    uint64_t ranges = b->operations / RANGE;
    measured result = {0};

    for (uint64_t i = 0; i < ranges; i++) {
        rocksdb_iterator_t *iterator = rocksdb_create_iterator_cf(b->raw.db, b->read, b->family);
        size_t size;
        int n = 0;

        rocksdb_iter_seek(iterator, b->drawn + i * FULL_KEY_SIZE, FULL_KEY_SIZE);
        for (; n < RANGE && rocksdb_iter_valid(iterator); n++, rocksdb_iter_next(iterator))
            result.sum +=
                sf_get_be64((const uint8_t *)rocksdb_iter_value(iterator, &size) + TIME_SIZE);
        rocksdb_iter_destroy(iterator);
    }
    result.ns = stopwatch_since(began).thread_s * 1e9 / (double)ranges;
    return result;
}

/* ---- pairs ---- */

typedef struct reading {
    const char *name;
    measured (*by_engine)(bench *b);
    measured (*by_rocksdb)(bench *b);
} reading;

static const reading readings[] = {
    {"get", get_by_engine, get_by_rocksdb},
    {"range of 100", range_by_engine, range_by_rocksdb},
};

static void compare(bench *b, const reading *how, double exponent, int64_t pairs)
{
    (void)how->by_engine(b); /* warms both up */
    (void)how->by_rocksdb(b);
    for (int64_t pair = 0; pair < pairs; pair++) {
        measured ours = how->by_engine(b), theirs = how->by_rocksdb(b);

        if (ours.sum != theirs.sum)
            raw_database_must(how->name, "the engine read something else than RocksDB");
        (void)printf("{\"bench\":\"state_reads\",\"what\":\"%s\",\"keys\":%" PRIu64
                     ",\"zipf\":%.1f,\"engine_ns\":%.1f,\"rocksdb_ns\":%.1f}\n",
                     how->name, b->keys, exponent, ours.ns, theirs.ns);
    }
}

int main(int count, char **arguments)
{
    named_words words = {count, arguments};
    bench b = {.keys = (uint64_t)named_number(words, "keys", 10000),
               .operations = (uint64_t)named_number(words, "operations", 1000000)};
    size_t blocks = (size_t)named_number(words, "blocks", 16) * MEGABYTE;
    size_t cache = (size_t)named_number(words, "cache", 16) * MEGABYTE;
    char made[] = "/tmp/stateful-bench-XXXXXX";
    const char *directory = named_word(words, "dir", NULL);
    double exponents[ZIPFS_MAX];
    int laws = named_numbers(words, "zipf", "1.0", exponents, ZIPFS_MAX);

    b.directory = sf_text_printf("%s/state", directory ? directory : mkdtemp(made));
    b.drawn = sf_alloc(b.operations * FULL_KEY_SIZE);
    open_store(&b, blocks, cache);
    fill(&b);
    close_store(&b); /* what is in memory goes to the files, so that both sides read the same */
    open_store(&b, blocks, cache);
    raw_database_open(&b.raw, b.directory, blocks);
    b.family = raw_database_family(&b.raw, store_name);
    b.read = rocksdb_readoptions_create();
    for (int i = 0; i < laws; i++) {
        draw_keys(&b, exponents[i]);
        for (size_t n = 0; n < SF_ARRAY_LENGTH(readings); n++)
            compare(&b, &readings[n], exponents[i], named_number(words, "pairs", 3));
    }
    (void)printf("{\"bench\":\"memory\",\"peak_kib\":%ld}\n", stopwatch_peak_kib());
    close_store(&b);
    if (!directory)
        (void)sf_directory_remove(made, NULL); /* ours, under /tmp */
    free(b.directory);
    free(b.drawn);
    return 0;
}
