/* rocksdb_state_db.c - one RocksDB for an instance. How it is set is rocksdb_settings.c's.
 *
 *   1 Every family has a compaction filter from the start, though who decides comes later, with
 *     sf_state_db_family: the two pointers are atomics, set once.
 *   2 A commit goes to the log of RocksDB unsynced: a killed process loses nothing, a machine without
 *     power loses a tail, which the changelog replays. The log is bounded, replaying it is what a
 *     start after a kill costs.
 *   3 All memtables share one bound, all blocks one cache.
 *   4 A range is deleted from a lower bound of fewer than SF_ROCKSDB_HINT_PREFIX_SIZE bytes (a partition): with a
 *     longer one this release of RocksDB would mix up its hints for keys and for ranges (its fix is #12558).
 *   5 Rows that are taken in as a file of their own pass by log and memtables: the log is synced before,
 *     so that they never survive what they were built upon. Such files come to be in a directory that
 *     is emptied at open; RocksDB links them into its own.
 */
#include "store/rocksdb_state_db.h"

#include <assert.h>
#include <pthread.h>
#include <rocksdb/c.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "store/rocksdb_load.h"
#include "store/rocksdb_settings.h"
#include "store/state_db_implementation.h"

#define MEGABYTE (1024 * 1024)
#define BLOCK_CACHE_BYTES (16 * MEGABYTE)
#define MEMTABLE_BYTES (32 * MEGABYTE)

struct sf_state_family {
    char *name;
    rocksdb_column_family_handle_t *handle;
    rocksdb_compactionfilter_t *filter;
    rocksdb_options_t *options;
    _Atomic(sf_state_expired_fn) expired; /* NULL: nothing expires */
    _Atomic(void *) expired_user;         /* set before */
};

typedef struct rocks_db {
    sf_state_db base;
    char *path;
    char *load_path; /* where files come to be that are taken in */
    atomic_uint loads;
    bool is_read_only;
    rocksdb_t *db;
    rocksdb_cache_t *cache;
    rocksdb_block_based_table_options_t *table;
    rocksdb_options_t *options; /* of the database, copied for each family */
    rocksdb_readoptions_t *read;
    rocksdb_writeoptions_t *write;
    pthread_mutex_t lock; /* for the families */
    sf_state_family **families;
    size_t family_count;
} rocks_db;

typedef struct rocks_batch {
    sf_state_batch base;
    rocksdb_writebatch_t *batch;
} rocks_batch;

typedef struct rocks_iterator {
    sf_state_iterator base;
    rocks_db *db;
    rocksdb_readoptions_t *options;
    rocksdb_iterator_t *iterator;
    sf_buffer lower; /* the options point into both */
    sf_buffer upper;
    bool backwards;
    bool has_begun;
} rocks_iterator;

struct sf_state_snapshot {
    const rocksdb_snapshot_t *snapshot;
};

/* ---- errors ---- */

/* Takes RocksDB's text. */
static sf_status fail(const rocks_db *db, const char *doing, char *text, sf_error *err)
{
    sf_status status;

    if (!strncmp(text, "Corruption", strlen("Corruption")))
        status = sf_fail(err, SF_CORRUPT,
                         "cannot %s the database in %s, its files are damaged (%s); move the "
                         "directory away, the state comes back from the changelogs",
                         doing, db->path, text);
    else if (strstr(text, "lock"))
        status = sf_fail(err, SF_BUSY, "cannot %s the database in %s, another process has it: %s",
                         doing, db->path, text);
    else
        status = sf_fail(err, SF_IO, "cannot %s the database in %s: %s", doing, db->path, text);
    rocksdb_free(text);
    return status;
}

/* ---- families ---- */

static unsigned char is_expired(void *user, int level, const char *key, size_t key_size,
                                const char *value, size_t value_size, char **new_value,
                                size_t *new_size, unsigned char *has_changed)
{
    sf_state_family *family = user;
    sf_state_expired_fn expired = atomic_load_explicit(&family->expired, memory_order_acquire);

    (void)level;
    (void)value;
    (void)value_size;
    (void)new_value;
    (void)new_size;
    *has_changed = 0;
    return expired && expired(atomic_load(&family->expired_user), sf_bytes_of(key, key_size));
}

static void keep_family(void *family)
{
    (void)family; /* it is freed with the database */
}

static const char *filter_name(void *family)
{
    (void)family;
    return "expired";
}

static sf_state_family *family_new(rocks_db *db, const char *name)
{
    sf_state_family *family = sf_zalloc(sizeof(*family));

    family->name = sf_text_copy(name);
    atomic_init(&family->expired, NULL);
    atomic_init(&family->expired_user, NULL);
    family->filter = rocksdb_compactionfilter_create(family, keep_family, is_expired, filter_name);
    family->options = rocksdb_options_create_copy(db->options);
    rocksdb_options_set_compaction_filter(family->options, family->filter);
    db->families = sf_realloc_array(db->families, db->family_count + 1, sizeof(*db->families));
    db->families[db->family_count++] = family;
    return family;
}

static void family_close(sf_state_family *family)
{
    if (family->handle)
        rocksdb_column_family_handle_destroy(family->handle);
    family->handle = NULL;
}

/* After the database is closed: its compactions are over. */
static void family_free(sf_state_family *family)
{
    rocksdb_options_destroy(family->options);
    rocksdb_compactionfilter_destroy(family->filter);
    free(family->name);
    free(family);
}

static sf_state_family *find_family(const rocks_db *db, const char *name)
{
    for (size_t i = 0; i < db->family_count; i++)
        if (!strcmp(db->families[i]->name, name))
            return db->families[i];
    return NULL;
}

static sf_status create_family(rocks_db *db, const char *name, sf_state_family **created,
                               sf_error *err)
{
    sf_state_family *family = family_new(db, name);
    char *text = NULL;

    family->handle = rocksdb_create_column_family(db->db, family->options, name, &text);
    if (text) {
        db->family_count--;
        family_free(family);
        return fail(db, "make a family of", text, err);
    }
    *created = family;
    return SF_OK;
}

static sf_status rocks_family(sf_state_db *base, const char *name, sf_state_expired_fn expired,
                              void *user, sf_state_family **family, sf_error *err)
{
    rocks_db *db = (rocks_db *)base;
    sf_state_family *found;
    sf_status status = SF_OK;

    pthread_mutex_lock(&db->lock);
    found = find_family(db, name);
    if (!found)
        status = create_family(db, name, &found, err);
    if (!status && expired) {
        atomic_store(&found->expired_user, user);
        atomic_store_explicit(&found->expired, expired, memory_order_release);
    }
    pthread_mutex_unlock(&db->lock);
    if (!status)
        *family = found;
    return status;
}

/* ---- reading ---- */

/* The number of the newest change that readers see. */
static uint64_t rocks_version(sf_state_db *base)
{
    return rocksdb_get_latest_sequence_number(((rocks_db *)base)->db);
}

static void release_slice(void *slice)
{
    rocksdb_pinnableslice_destroy(slice);
}

static sf_status rocks_get(sf_state_db *base, sf_state_family *family, sf_bytes key,
                           sf_bytes *value, sf_state_pin *pin, sf_error *err)
{
    rocks_db *db = (rocks_db *)base;
    char *text = NULL;
    const char *data;
    size_t size = 0;
    rocksdb_pinnableslice_t *slice = rocksdb_get_pinned_cf(db->db, db->read, family->handle,
                                                           (const char *)key.data, key.size, &text);

    if (text)
        return fail(db, "read", text, err);
    data = rocksdb_pinnableslice_value(slice, &size);
    *value = !slice ? SF_NULL : sf_bytes_of(data ? data : "", size);
    *pin = slice ? (sf_state_pin){slice, release_slice} : (sf_state_pin){0};
    return SF_OK;
}

static sf_state_snapshot *rocks_snapshot(sf_state_db *base)
{
    sf_state_snapshot *snapshot = sf_alloc(sizeof(*snapshot));

    snapshot->snapshot = rocksdb_create_snapshot(((rocks_db *)base)->db);
    return snapshot;
}

static void rocks_snapshot_free(sf_state_db *base, sf_state_snapshot *snapshot)
{
    rocksdb_release_snapshot(((rocks_db *)base)->db, snapshot->snapshot);
    free(snapshot);
}

static sf_state_iterator *rocks_iterate(sf_state_db *base, sf_state_family *family, sf_bytes lower,
                                        sf_bytes upper, bool backwards, sf_state_snapshot *snapshot)
{
    rocks_iterator *iterator = sf_zalloc(sizeof(*iterator));

    iterator->base.ops = base->ops;
    iterator->db = (rocks_db *)base;
    iterator->backwards = backwards;
    iterator->options = rocksdb_readoptions_create();
    sf_buffer_add_bytes(&iterator->lower, lower);
    sf_buffer_add_bytes(&iterator->upper, upper);
    if (lower.size > 0)
        rocksdb_readoptions_set_iterate_lower_bound(iterator->options,
                                                    (const char *)iterator->lower.data, lower.size);
    if (upper.data)
        rocksdb_readoptions_set_iterate_upper_bound(
            iterator->options, (const char *)sf_buffer_bytes(&iterator->upper).data, upper.size);
    if (snapshot)
        rocksdb_readoptions_set_snapshot(iterator->options, snapshot->snapshot);
    iterator->iterator =
        rocksdb_create_iterator_cf(iterator->db->db, iterator->options, family->handle);
    return &iterator->base;
}

static void step(rocks_iterator *iterator)
{
    if (!iterator->has_begun && iterator->backwards)
        rocksdb_iter_seek_to_last(iterator->iterator);
    else if (!iterator->has_begun)
        rocksdb_iter_seek_to_first(iterator->iterator);
    else if (iterator->backwards)
        rocksdb_iter_prev(iterator->iterator);
    else
        rocksdb_iter_next(iterator->iterator);
    iterator->has_begun = true;
}

static bool rocks_iterator_next(sf_state_iterator *base, sf_bytes *key, sf_bytes *value,
                                sf_status *status, sf_error *err)
{
    rocks_iterator *iterator = (rocks_iterator *)base;
    char *text = NULL;
    const char *data;
    size_t size;

    *status = SF_OK;
    if (!iterator->has_begun || rocksdb_iter_valid(iterator->iterator))
        step(iterator);
    if (!rocksdb_iter_valid(iterator->iterator)) {
        rocksdb_iter_get_error(iterator->iterator, &text);
        if (text)
            *status = fail(iterator->db, "read", text, err);
        return false;
    }
    data = rocksdb_iter_key(iterator->iterator, &size);
    *key = sf_bytes_of(data, size);
    data = rocksdb_iter_value(iterator->iterator, &size);
    *value = sf_bytes_of(data ? data : "", size);
    return true;
}

static void rocks_iterator_free(sf_state_iterator *base)
{
    rocks_iterator *iterator = (rocks_iterator *)base;

    rocksdb_iter_destroy(iterator->iterator);
    rocksdb_readoptions_destroy(iterator->options);
    sf_buffer_done(&iterator->lower);
    sf_buffer_done(&iterator->upper);
    free(iterator);
}

/* ---- writing ---- */

static sf_state_batch *rocks_batch_new(sf_state_db *base)
{
    rocks_batch *batch = sf_zalloc(sizeof(*batch));

    batch->base.ops = base->ops;
    batch->batch = rocksdb_writebatch_create();
    return &batch->base;
}

static void rocks_batch_free(sf_state_batch *base)
{
    rocksdb_writebatch_destroy(((rocks_batch *)base)->batch);
    free(base);
}

static void rocks_batch_clear(sf_state_batch *base)
{
    rocksdb_writebatch_clear(((rocks_batch *)base)->batch);
}

static void rocks_batch_put(sf_state_batch *base, sf_state_family *family, sf_bytes key,
                            sf_bytes value)
{
    rocksdb_writebatch_put_cf(((rocks_batch *)base)->batch, family->handle, (const char *)key.data,
                              key.size, (const char *)value.data, value.size);
}

static void rocks_batch_delete(sf_state_batch *base, sf_state_family *family, sf_bytes key)
{
    rocksdb_writebatch_delete_cf(((rocks_batch *)base)->batch, family->handle,
                                 (const char *)key.data, key.size);
}

static void rocks_batch_delete_range(sf_state_batch *base, sf_state_family *family, sf_bytes lower,
                                     sf_bytes upper)
{
    assert(lower.size < SF_ROCKSDB_HINT_PREFIX_SIZE); /* 4 */
    rocksdb_writebatch_delete_range_cf(((rocks_batch *)base)->batch, family->handle,
                                       (const char *)lower.data, lower.size,
                                       (const char *)upper.data, upper.size);
}

static sf_status rocks_write(sf_state_db *base, sf_state_batch *batch, sf_error *err)
{
    rocks_db *db = (rocks_db *)base;
    char *text = NULL;

    rocksdb_write(db->db, db->write, ((rocks_batch *)batch)->batch, &text);
    return text ? fail(db, "write to", text, err) : SF_OK;
}

/* ---- taking in ---- */

static sf_status rocks_ingest(sf_state_db *base, sf_state_family *family, const sf_state_row *rows,
                              size_t count, sf_error *err)
{
    rocks_db *db = (rocks_db *)base;
    char *path = sf_text_printf("%s/%u.sst", db->load_path, atomic_fetch_add(&db->loads, 1));
    sf_status status = sf_directory_make(db->load_path, err);
    char *text;

    if (!status && (text = sf_rocksdb_write_file(family->options, path, rows, count)))
        status = fail(db, "write a file for", text, err);
    if (!status && (text = sf_rocksdb_take_in_file(db->db, family->handle, path)))
        status = fail(db, "take a file into", text, err);
    (void)unlink(path); /* RocksDB has done so if all went well */
    free(path);
    return status;
}

/* ---- open and close ---- */

/* So that the next start has no log to replay. A failure costs only that. */
static void flush_families(rocks_db *db)
{
    rocksdb_flushoptions_t *options = rocksdb_flushoptions_create();

    for (size_t i = 0; i < db->family_count; i++) {
        char *text = NULL;

        rocksdb_flush_cf(db->db, options, db->families[i]->handle, &text);
        rocksdb_free(text);
    }
    rocksdb_flushoptions_destroy(options);
}

static void rocks_free(rocks_db *db)
{
    for (size_t i = 0; i < db->family_count; i++)
        family_close(db->families[i]);
    if (db->db)
        rocksdb_close(db->db);
    for (size_t i = 0; i < db->family_count; i++)
        family_free(db->families[i]);
    free(db->families);
    rocksdb_writeoptions_destroy(db->write);
    rocksdb_readoptions_destroy(db->read);
    rocksdb_options_destroy(db->options);
    rocksdb_block_based_options_destroy(db->table);
    rocksdb_cache_destroy(db->cache);
    (void)pthread_mutex_destroy(&db->lock); /* nobody is left */
    free(db->load_path);
    free(db->path);
    free(db);
}

static void rocks_close(sf_state_db *base)
{
    rocks_db *db = (rocks_db *)base;

    if (!db->is_read_only)
        flush_families(db);
    rocks_free(db);
}

static uint64_t property_of(const rocks_db *db, const sf_state_family *family, const char *name)
{
    uint64_t value = 0;

    if (rocksdb_property_int_cf(db->db, family->handle, name, &value))
        return 0;
    return value;
}

static void rocks_memory(sf_state_db *base, sf_state_memory *used)
{
    rocks_db *db = (rocks_db *)base;

    used->block_cache_bytes = rocksdb_cache_get_usage(db->cache);
    pthread_mutex_lock(&db->lock);
    for (size_t i = 0; i < db->family_count; i++) {
        const sf_state_family *family = db->families[i];

        used->memtable_bytes += property_of(db, family, "rocksdb.cur-size-all-mem-tables");
        used->table_bytes += property_of(db, family, "rocksdb.estimate-table-readers-mem");
    }
    pthread_mutex_unlock(&db->lock);
}

static const sf_state_db_ops rocks_ops = {
    .close = rocks_close,
    .memory = rocks_memory,
    .version = rocks_version,
    .family = rocks_family,
    .get = rocks_get,
    .snapshot = rocks_snapshot,
    .snapshot_free = rocks_snapshot_free,
    .iterate = rocks_iterate,
    .iterator_next = rocks_iterator_next,
    .iterator_free = rocks_iterator_free,
    .batch_new = rocks_batch_new,
    .batch_free = rocks_batch_free,
    .batch_clear = rocks_batch_clear,
    .batch_put = rocks_batch_put,
    .batch_delete = rocks_batch_delete,
    .batch_delete_range = rocks_batch_delete_range,
    .write = rocks_write,
    .ingest = rocks_ingest,
};

/* RocksDB wants the families that are there named at open; a new database has none to name. */
static void discover_families(rocks_db *db)
{
    char *text = NULL;
    size_t count = 0;
    char **names = rocksdb_list_column_families(db->options, db->path, &count, &text);

    if (text)
        rocksdb_free(text); /* new, or unreadable: opening tells */
    for (size_t i = 0; !text && i < count; i++)
        (void)family_new(db, names[i]);
    if (names)
        rocksdb_list_column_families_destroy(names, count);
    if (!find_family(db, "default"))
        (void)family_new(db, "default");
}

static sf_status open_database(rocks_db *db, sf_error *err)
{
    size_t count = db->family_count;
    const char **names = sf_alloc(count * sizeof(*names));
    const rocksdb_options_t **options = sf_alloc(count * sizeof(*options));
    rocksdb_column_family_handle_t **handles = sf_zalloc(count * sizeof(*handles));
    char *text = NULL;

    for (size_t i = 0; i < count; i++) {
        names[i] = db->families[i]->name;
        options[i] = db->families[i]->options;
    }
    if (db->is_read_only)
        db->db = rocksdb_open_for_read_only_column_families(db->options, db->path, (int)count,
                                                            names, options, handles, 0, &text);
    else
        db->db = rocksdb_open_column_families(db->options, db->path, (int)count, names, options,
                                              handles, &text);
    for (size_t i = 0; i < count; i++)
        db->families[i]->handle = handles[i];
    free(names);
    free(options);
    free(handles);
    return text ? fail(db, "open", text, err) : SF_OK;
}

sf_status sf_rocksdb_state_db_open(const sf_rocksdb_options *options, sf_state_db **opened,
                                   sf_error *err)
{
    rocks_db *db = sf_zalloc(sizeof(*db));
    sf_status status;

    db->base.ops = &rocks_ops;
    db->path = sf_text_copy(options->path);
    db->load_path = sf_text_printf("%s/load", options->path);
    atomic_init(&db->loads, 0);
    db->is_read_only = options->is_read_only;
    (void)pthread_mutex_init(&db->lock, NULL); /* cannot fail with default attributes */
    db->cache = sf_rocksdb_block_cache(options->block_cache_bytes ? options->block_cache_bytes
                                                                  : BLOCK_CACHE_BYTES);
    db->table = sf_rocksdb_table_options(db->cache);
    db->options = sf_rocksdb_database_options(
        db->table, options->memtable_bytes ? options->memtable_bytes : MEMTABLE_BYTES);
    db->read = rocksdb_readoptions_create();
    db->write = rocksdb_writeoptions_create();
    if (db->is_read_only)
        rocksdb_options_set_create_if_missing(db->options, 0);
    discover_families(db);
    status = open_database(db, err);
    if (!status && !db->is_read_only)
        status = sf_directory_remove(db->load_path, err);
    if (status)
        rocks_free(db);
    else
        *opened = &db->base;
    return status;
}
