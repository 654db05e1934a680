#include "support/straight_sums.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rocksdb/c.h>

#include "base/hash.h"
#include "base/memory.h"

enum { KEY_SIZE = 24, BY_PRODUCT = 0, BY_CUSTOMER, BY_CATEGORY_MINUTE, FAMILIES };

typedef struct entry {
    char key[KEY_SIZE];
    bench_sum sum;
    uint8_t family;
    bool is_used;
    bool is_dirty;
} entry;

struct straight_sums {
    rocksdb_t *db;
    rocksdb_column_family_handle_t *families[FAMILIES + 1];
    rocksdb_writeoptions_t *write_options;
    rocksdb_readoptions_t *read_options;
    rocksdb_writebatch_t *batch;
    entry *entries;
    size_t mask;
    uint32_t *dirty;
    size_t dirty_count;
};

static void must(const char *what, const char *error)
{
    if (error) {
        (void)fprintf(stderr, "straight-line sums: %s: %s\n", what, error);
        exit(1);
    }
}

static void open_database(straight_sums *sums, const char *directory)
{
    static const char *const names[FAMILIES + 1] = {"by_product", "by_customer",
                                                    "by_category_minute", "default"};
    rocksdb_options_t *options = rocksdb_options_create();
    rocksdb_block_based_table_options_t *table = rocksdb_block_based_options_create();
    const rocksdb_options_t *each[FAMILIES + 1];
    char *error = NULL;

    rocksdb_block_based_options_set_block_cache(table, rocksdb_cache_create_lru(64 << 20));
    rocksdb_block_based_options_set_filter_policy(table,
                                                  rocksdb_filterpolicy_create_bloom_full(10));
    rocksdb_options_set_block_based_table_factory(options, table);
    rocksdb_options_set_create_if_missing(options, 1);
    rocksdb_options_set_create_missing_column_families(options, 1);
    rocksdb_options_set_compression(options, rocksdb_lz4_compression);
    rocksdb_options_set_max_total_wal_size(options, 32 << 20);
    for (int i = 0; i <= FAMILIES; i++)
        each[i] = options;
    sums->db = rocksdb_open_column_families(options, directory, FAMILIES + 1, names, each,
                                            sums->families, &error);
    must("database", error);
    sums->write_options = rocksdb_writeoptions_create();
    sums->read_options = rocksdb_readoptions_create();
    sums->batch = rocksdb_writebatch_create();
}

straight_sums *straight_sums_open(const char *directory)
{
    straight_sums *sums = sf_zalloc(sizeof(*sums));

    sums->mask = (1 << 20) - 1;
    sums->entries = sf_zalloc((sums->mask + 1) * sizeof(entry));
    sums->dirty = sf_zalloc((sums->mask + 1) * sizeof(*sums->dirty));
    open_database(sums, directory);
    return sums;
}

/* ---- an event ---- */

static void load(straight_sums *sums, entry *e)
{
    char *error = NULL, *value;
    size_t size;

    value = rocksdb_get_cf(sums->db, sums->read_options, sums->families[e->family], e->key,
                           strlen(e->key), &size, &error);
    must("get", error);
    if (value)
        memcpy(&e->sum, value, sizeof(e->sum));
    free(value);
}

static entry *find(straight_sums *sums, uint8_t family, const char *key)
{
    uint64_t hash = sf_hash(sf_bytes_of(key, KEY_SIZE)) + family * 0x9e3779b97f4a7c15u;

    for (size_t at = hash & sums->mask;; at = (at + 1) & sums->mask) {
        entry *e = &sums->entries[at];

        if (e->is_used && e->family == family && !memcmp(e->key, key, KEY_SIZE))
            return e;
        if (e->is_used)
            continue;
        memcpy(e->key, key, KEY_SIZE);
        e->family = family;
        e->is_used = true;
        load(sums, e);
        return e;
    }
}

static void add(straight_sums *sums, uint8_t family, const char *key, const bench_order *order)
{
    entry *e = find(sums, family, key);

    bench_sum_add(&e->sum, order);
    if (!e->is_dirty) {
        e->is_dirty = true;
        sums->dirty[sums->dirty_count++] = (uint32_t)(e - sums->entries);
    }
}

void straight_sums_add(straight_sums *sums, const char *event, size_t size)
{
    bench_order order;
    char key[KEY_SIZE];

    if (!bench_order_scan(event, size, &order))
        must("event", "cannot be read");
    memset(key, 0, sizeof(key));
    memcpy(key, order.product, BENCH_ID_SIZE);
    add(sums, BY_PRODUCT, key, &order);
    memcpy(key, order.customer, BENCH_ID_SIZE);
    add(sums, BY_CUSTOMER, key, &order);
    memset(key, 0, sizeof(key));
    (void)snprintf(key, sizeof(key), "%.8s:%08x", bench_product_category(atol(order.product + 2)),
                   (unsigned)(order.time_ms / 60000));
    add(sums, BY_CATEGORY_MINUTE, key, &order);
}

/* ---- a commit ---- */

static int by_key(const void *left, const void *right, void *user)
{
    const straight_sums *sums = user;
    const entry *a = &sums->entries[*(const uint32_t *)left];
    const entry *b = &sums->entries[*(const uint32_t *)right];

    return a->family != b->family ? a->family - b->family : memcmp(a->key, b->key, KEY_SIZE);
}

void straight_sums_changes(straight_sums *sums, straight_change_fn fn, void *user)
{
    qsort_r(sums->dirty, sums->dirty_count, sizeof(*sums->dirty), by_key, sums);
    for (size_t i = 0; i < sums->dirty_count; i++) {
        entry *e = &sums->entries[sums->dirty[i]];

        rocksdb_writebatch_put_cf(sums->batch, sums->families[e->family], e->key, strlen(e->key),
                                  (const char *)&e->sum, sizeof(e->sum));
        fn(user, sf_bytes_of(e->key, strlen(e->key)), &e->sum);
        e->is_dirty = false;
    }
    sums->dirty_count = 0;
}

void straight_sums_write(straight_sums *sums, const int64_t *positions, size_t count)
{
    char *error = NULL;

    rocksdb_writebatch_put_cf(sums->batch, sums->families[FAMILIES], "positions", 9,
                              (const char *)positions, count * sizeof(*positions));
    rocksdb_write(sums->db, sums->write_options, sums->batch, &error);
    must("write", error);
    rocksdb_writebatch_clear(sums->batch);
}

int64_t straight_sums_revenue(const straight_sums *sums)
{
    int64_t revenue = 0;

    for (size_t i = 0; i <= sums->mask; i++)
        if (sums->entries[i].is_used && sums->entries[i].family == BY_CATEGORY_MINUTE)
            revenue += sums->entries[i].sum.revenue_minor;
    return revenue;
}
