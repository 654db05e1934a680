/* raw_sums.c - the straight-line twin of journal_sums.c: one thread without the engine reads the same records from the same
 * journal, adds them up in a hash table, and every 100 ms writes what has changed, in order of the keys, into RocksDB
 * and in a transaction to a changelog.
 *
 * raw_sums DIR KEYS RECORDS PARTITIONS
 * DIR is that of journal_sums; KEYS: so many records at the front are not measured (each key's first), RECORDS: all of
 * them. Prints one JSON line: records measured, what all amounted to, processor time a record.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/encoding.h"
#include "base/hash.h"
#include "base/memory.h"
#include "store/rocksdb_state_db.h"
#include "support/stopwatch.h"
#include "support/straight_log.h"

enum { KEY_SIZE = 16 };

#define COMMIT_S 0.1

typedef struct total {
    int64_t count;
    int64_t amount;
    uint8_t rest[32]; /* what else such a row would hold */
} total;

typedef struct row {
    char key[KEY_SIZE];
    total sum; /* count 0: nothing is here */
    bool is_dirty;
} row;

typedef struct program {
    straight_log *log;
    int partitions;
    sf_state_db *db;
    sf_state_family *family;
    sf_state_batch *batch;
    row *rows;
    size_t mask;
    row **dirty;
    size_t dirty_count;
    uint64_t commits;
} program;

static void must(sf_status status, const sf_error *err)
{
    if (status) {
        (void)fprintf(stderr, "raw_sums: %s\n", err->text);
        exit(1);
    }
}

/* ---- the sums ---- */

static row *row_of(program *p, sf_bytes key)
{
    for (size_t at = sf_hash(key) & p->mask;; at = (at + 1) & p->mask) {
        row *found = &p->rows[at];

        if (found->sum.count && !memcmp(found->key, key.data, KEY_SIZE))
            return found;
        if (!found->sum.count) {
            memcpy(found->key, key.data, KEY_SIZE);
            return found;
        }
    }
}

static void add(void *user, const sf_record *record)
{
    program *p = user;
    row *changed = row_of(p, record->key);

    changed->sum.count++;
    changed->sum.amount += (int64_t)sf_get_be64(record->value.data);
    if (changed->is_dirty)
        return;
    changed->is_dirty = true;
    p->dirty[p->dirty_count++] = changed;
}

/* ---- a commit ---- */

static int by_key(const void *left, const void *right)
{
    return memcmp((*(row *const *)left)->key, (*(row *const *)right)->key, KEY_SIZE);
}

static void put_dirty(program *p)
{
    qsort(p->dirty, p->dirty_count, sizeof(row *), by_key);
    for (size_t i = 0; i < p->dirty_count; i++) {
        row *changed = p->dirty[i];
        sf_bytes key = sf_bytes_of(changed->key, KEY_SIZE);
        sf_bytes value = sf_bytes_of(&changed->sum, sizeof(changed->sum));

        sf_state_batch_put(p->batch, p->family, key, value);
        straight_log_change(p->log, key, value);
        changed->is_dirty = false;
    }
    sf_state_batch_put(
        p->batch, p->family, sf_bytes_text("positions"),
        sf_bytes_of(straight_log_positions(p->log), (size_t)p->partitions * sizeof(int64_t)));
}

static void commit(program *p)
{
    sf_error err;

    put_dirty(p);
    straight_log_commit(p->log);
    must(sf_state_db_write(p->db, p->batch, &err), &err);
    sf_state_batch_clear(p->batch);
    p->dirty_count = 0;
    p->commits++;
}

/* Reads until so many records are in the sums, and commits. */
static void work(program *p, uint64_t *done, uint64_t wanted)
{
    stopwatch committed = stopwatch_now();

    while (*done < wanted) {
        *done += straight_log_read(p->log, add, p);
        if (stopwatch_since(committed).wall_s < COMMIT_S)
            continue;
        commit(p);
        committed = stopwatch_now();
    }
    commit(p);
}

/* ---- start and end ---- */

static void open_log(program *p, const char *directory)
{
    char *address = sf_text_printf("file:%s/journal", directory);

    p->log = straight_log_open(address, "amounts", "raw-sums-changelog", p->partitions);
    free(address);
}

static void open_state(program *p, const char *directory, uint64_t keys)
{
    char *path = sf_text_printf("%s/raw", directory);
    sf_error err;

    must(sf_rocksdb_state_db_open(&(sf_rocksdb_options){.path = path}, &p->db, &err), &err);
    must(sf_state_db_family(p->db, "sums", NULL, NULL, &p->family, &err), &err);
    p->batch = sf_state_batch_new(p->db);
    for (p->mask = 1024; p->mask < 2 * keys; p->mask *= 2)
        ;
    p->rows = sf_zalloc(p->mask * sizeof(row));
    p->mask--;
    p->dirty = sf_zalloc(keys * sizeof(row *));
    free(path);
}

static total total_of(const program *p)
{
    total all = {0};

    for (size_t i = 0; i <= p->mask; i++) {
        all.count += p->rows[i].sum.count;
        all.amount += p->rows[i].sum.amount;
    }
    return all;
}

int main(int count, char **words)
{
    program p = {0};
    uint64_t keys, records, done = 0, before;
    stopwatch began;
    total all;

    if (count != 5) {
        (void)fprintf(stderr, "raw_sums DIR KEYS RECORDS PARTITIONS\n");
        return 2;
    }
    keys = strtoull(words[2], NULL, 10);
    records = strtoull(words[3], NULL, 10);
    p.partitions = atoi(words[4]);
    open_state(&p, words[1], keys);
    open_log(&p, words[1]);
    work(&p, &done, keys);
    before = done;
    p.commits = 0;
    began = stopwatch_now();
    work(&p, &done, records);
    began = stopwatch_since(began);
    all = total_of(&p);
    (void)printf("{\"bench\":\"raw_sums\",\"events\":%" PRIu64 ",\"count\":%" PRId64
                 ",\"amount\":%" PRId64 ",\"commits\":%" PRIu64
                 ",\"process_ns\":%.0f,\"wall_ns\":%.0f}\n",
                 done - before, all.count, all.amount, p.commits,
                 began.process_s * 1e9 / (double)(done - before),
                 began.wall_s * 1e9 / (double)(done - before));
    (void)fflush(stdout);
    _exit(0); /* the directory goes as a whole */
}
