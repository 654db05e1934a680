/* store.c - what a store costs through the public calls, against the database alone.
 *
 * store [KEYS [DIRECTORY]]
 * Keys of 16 bytes, values of 48, drawn uniformly. Prints one JSON line a measurement, ns each:
 * reads and writes of keys that the write buffer holds, each pair with its savepoint, of a window
 * too; a commit of dirty keys, and the same puts straight into the database, in order, in one batch.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "store/state.h"
#include "store/task_stores.h"
#include "support/stopwatch.h"

enum { KEY_SIZE = 16, VALUE_SIZE = 48, ROUNDS = 5, MOST_DIRTY = 100000 };

typedef struct bench {
    size_t keys;
    size_t operations;
    sf_random random;
    sf_state *state;
    sf_state_commit *commit;
    sf_task_stores *stores;
    sf_key_value_store *store;
    sf_window_store *windows;
} bench;

static void must(sf_status status, const sf_error *err)
{
    if (!status)
        return;
    (void)fprintf(stderr, "%s\n", err->text);
    exit(1);
}

static sf_bytes key_of(size_t number, char text[KEY_SIZE + 1])
{
    (void)snprintf(text, KEY_SIZE + 1, "key-%012zu", number);
    return sf_bytes_of(text, KEY_SIZE);
}

static void report(const bench *b, const char *what, stopwatch spent, size_t count)
{
    (void)printf("{\"bench\": \"store\", \"what\": \"%s\", \"keys\": %zu, \"ns\": %.1f, "
                 "\"wall_ns\": %.1f}\n",
                 what, b->keys, spent.thread_s * 1e9 / (double)count,
                 spent.wall_s * 1e9 / (double)count);
    (void)fflush(stdout); /* progress only */
}

static void commit(bench *b)
{
    sf_error err = {0};

    must(sf_task_stores_flush(b->stores, b->commit, &err), &err);
    must(sf_state_commit_write(b->commit, &err), &err);
    sf_task_stores_committed(b->stores);
    sf_state_commit_clear(b->commit);
}

static void put(bench *b, size_t number, uint64_t value)
{
    char key[KEY_SIZE + 1];
    uint8_t bytes[VALUE_SIZE] = {0};
    sf_error err = {0};

    sf_put_be64(bytes, value);
    must(sf_key_value_store_put(b->store, key_of(number, key), sf_bytes_of(bytes, sizeof(bytes)), 1,
                                &err),
         &err);
}

static void fill(bench *b)
{
    for (size_t i = 0; i < b->keys; i++) {
        sf_task_stores_mark(b->stores);
        put(b, i, 0);
        if (i % MOST_DIRTY == MOST_DIRTY - 1)
            commit(b);
    }
    commit(b);
}

/* Keys made ahead, so that making them is not measured. */
static char *draw_keys(bench *b)
{
    char *keys = sf_alloc(b->operations * KEY_SIZE + 1);

    for (size_t i = 0; i < b->operations; i++)
        (void)key_of(sf_random_below(&b->random, b->keys), keys + i * KEY_SIZE);
    return keys;
}

static void measure_gets(bench *b, const char *keys)
{
    stopwatch began = stopwatch_now();
    sf_error err = {0};
    sf_stored stored;
    int64_t sum = 0;

    for (size_t i = 0; i < b->operations; i++) {
        must(sf_key_value_store_get(b->store, sf_bytes_of(keys + i * KEY_SIZE, KEY_SIZE), &stored,
                                    &err),
             &err);
        sum += stored.timestamp;
    }
    report(b, "get", stopwatch_since(began), b->operations);
    if (sum != (int64_t)b->operations)
        exit(1); /* a value was not found */
}

static void measure_updates(bench *b, const char *keys)
{
    stopwatch began = stopwatch_now();
    sf_error err = {0};

    for (size_t i = 0; i < b->operations; i++) {
        sf_bytes key = sf_bytes_of(keys + i * KEY_SIZE, KEY_SIZE);
        uint8_t value[VALUE_SIZE];
        sf_stored stored;

        sf_task_stores_mark(b->stores);
        must(sf_key_value_store_get(b->store, key, &stored, &err), &err);
        memcpy(value, stored.value.data, VALUE_SIZE);
        sf_put_be64(value, sf_get_be64(value) + 1);
        must(sf_key_value_store_put(b->store, key, sf_bytes_of(value, VALUE_SIZE), 1, &err), &err);
    }
    report(b, "mark, get and put", stopwatch_since(began), b->operations);
}

static void measure_windows(bench *b, const char *keys)
{
    stopwatch began = stopwatch_now();
    uint8_t value[VALUE_SIZE] = {0};
    sf_error err = {0};

    for (size_t i = 0; i < b->operations; i++) {
        sf_bytes key = sf_bytes_of(keys + i * KEY_SIZE, KEY_SIZE);
        sf_stored stored;

        sf_task_stores_mark(b->stores);
        must(sf_window_store_get(b->windows, key, 3600000, &stored, &err), &err);
        must(sf_window_store_put(b->windows, key, 3600000, sf_bytes_of(value, VALUE_SIZE), 3600001,
                                 NULL, &err),
             &err);
    }
    report(b, "window: mark, get and put", stopwatch_since(began), b->operations);
}

static void measure_commit(bench *b)
{
    size_t dirty = b->keys < MOST_DIRTY ? b->keys : MOST_DIRTY;
    stopwatch began;

    for (size_t i = 0; i < dirty; i++)
        put(b, i * (b->keys / dirty), 1);
    began = stopwatch_now();
    commit(b);
    report(b, "commit, a put", stopwatch_since(began), dirty);
}

/* The keys in order into one batch, as a program without a store would at best. */
static void measure_database(bench *b)
{
    size_t dirty = b->keys < MOST_DIRTY ? b->keys : MOST_DIRTY;
    sf_state_db *db = sf_state_database(b->state, false);
    sf_state_batch *batch = sf_state_batch_new(db);
    sf_state_family *family;
    uint8_t value[VALUE_SIZE + 8] = {1};
    char key[KEY_SIZE + 1];
    sf_error err = {0};
    stopwatch began;

    must(sf_state_db_family(db, "raw", NULL, NULL, &family, &err), &err);
    began = stopwatch_now();
    for (size_t i = 0; i < dirty; i++)
        sf_state_batch_put(batch, family, key_of(i * (b->keys / dirty), key),
                           sf_bytes_of(value, sizeof(value)));
    must(sf_state_db_write(db, batch, &err), &err);
    report(b, "database alone, a put", stopwatch_since(began), dirty);
    sf_state_batch_free(batch);
}

static void open_store(bench *b, const char *directory)
{
    const sf_store_options options[] = {
        {.name = "bench"},
        {.name = "windows",
         .kind = SF_WINDOW_STORE,
         .window_size_ms = 3600000,
         .retention_ms = 86400000,
         .by_time = true},
    };
    sf_error err = {0};

    must(sf_state_open(&(sf_state_options){.application_id = "bench", .directory = directory},
                       &b->state, &err),
         &err);
    b->commit = sf_state_commit_new(b->state);
    must(sf_task_stores_open(b->state, 0, options, 2, NULL, NULL, &b->stores, &err), &err);
    b->store = sf_store_as_key_value(sf_task_stores_at(b->stores, 0));
    b->windows = sf_store_as_window(sf_task_stores_at(b->stores, 1));
    sf_task_stores_set_cache_bytes(b->stores, b->keys * 1024); /* all of them hot */
}

int main(int count, char **words)
{
    bench b = {.keys = count > 1 ? strtoul(words[1], NULL, 10) : 10000, .operations = 2000000};
    char made[] = "/tmp/stateful-bench-XXXXXX";
    const char *directory = count > 2 ? words[2] : mkdtemp(made);
    sf_error err = {0};
    char *keys;

    sf_random_init(&b.random, 7);
    open_store(&b, directory);
    fill(&b);
    keys = draw_keys(&b);
    for (int i = 0; i < ROUNDS; i++) {
        measure_gets(&b, keys);
        measure_updates(&b, keys);
        measure_windows(&b, keys);
        commit(&b);
        measure_commit(&b);
        measure_database(&b);
    }
    free(keys);
    sf_task_stores_close(b.stores);
    sf_state_commit_free(b.commit);
    sf_state_close(b.state);
    if (count <= 2)
        must(sf_directory_remove(directory, &err), &err);
    return 0;
}
