/* state_db.h - an ordered key-value database with families, batches and snapshots: all disk state
 * goes through it. RocksDB is one implementation, the other lives in memory with a write log that
 * tests can cut. Any thread, but a batch or an iterator belongs to one.
 */
#ifndef SF_STORE_STATE_DB_H
#define SF_STORE_STATE_DB_H

#include <stateful/bytes.h>
#include <stateful/error.h>

typedef struct sf_state_db sf_state_db;
typedef struct sf_state_family sf_state_family;
typedef struct sf_state_batch sf_state_batch;
typedef struct sf_state_snapshot sf_state_snapshot;
typedef struct sf_state_iterator sf_state_iterator;

/* Keeps the memory of a value that was read; zero is empty. */
typedef struct sf_state_pin {
    void *held;
    void (*release)(void *held);
} sf_state_pin;

/* Decides during a compaction whether an entry is expired; called on the database's threads, must
 * use atomics only. */
typedef bool (*sf_state_expired_fn)(void *user, sf_bytes key);

void sf_state_db_close(sf_state_db *db);

/* Memory that the database uses now; zeros where it does not know. */
typedef struct sf_state_memory {
    uint64_t block_cache_bytes;
    uint64_t memtable_bytes;
    uint64_t table_bytes; /* indexes and filters outside of the cache */
} sf_state_memory;

void sf_state_db_memory(sf_state_db *db, sf_state_memory *used);

/* Grows with every batch that is written, at the moment when readers see it: as long as it stays, reads give
 * what they gave. Of one opening of the database. */
uint64_t sf_state_db_version(sf_state_db *db);

/* Opens a family, making it if it is not there. It lives as long as the database. */
sf_status sf_state_db_family(sf_state_db *db, const char *name, sf_state_expired_fn expired,
                             void *user, sf_state_family **family, sf_error *err);

/* *value is null if there is none, else valid until the pin is released. */
sf_status sf_state_db_get(sf_state_db *db, sf_state_family *family, sf_bytes key, sf_bytes *value,
                          sf_state_pin *pin, sf_error *err);
void sf_state_pin_release(sf_state_pin *pin);

sf_state_snapshot *sf_state_db_snapshot(sf_state_db *db);
void sf_state_snapshot_free(sf_state_db *db, sf_state_snapshot *snapshot);

/* Entries with lower <= key < upper (upper null: to the end), as of the snapshot (NULL: as of now).
 * The iterator stands before its first entry. */
sf_state_iterator *sf_state_db_iterate(sf_state_db *db, sf_state_family *family, sf_bytes lower,
                                       sf_bytes upper, bool backwards, sf_state_snapshot *snapshot);

/* Steps; false at the end or on an error. key and value are valid until the next step. */
bool sf_state_iterator_next(sf_state_iterator *iterator, sf_bytes *key, sf_bytes *value,
                            sf_status *status, sf_error *err);
void sf_state_iterator_free(sf_state_iterator *iterator);

/* A batch is written as a whole or not at all; reusable after _clear. Put keys in order: it is
 * faster. */
sf_state_batch *sf_state_batch_new(sf_state_db *db);
void sf_state_batch_free(sf_state_batch *batch);
void sf_state_batch_clear(sf_state_batch *batch);
size_t sf_state_batch_count(const sf_state_batch *batch);
void sf_state_batch_put(sf_state_batch *batch, sf_state_family *family, sf_bytes key,
                        sf_bytes value);
void sf_state_batch_delete(sf_state_batch *batch, sf_state_family *family, sf_bytes key);
void sf_state_batch_delete_range(sf_state_batch *batch, sf_state_family *family, sf_bytes lower,
                                 sf_bytes upper);
sf_status sf_state_db_write(sf_state_db *db, sf_state_batch *batch, sf_error *err);

typedef struct sf_state_row {
    sf_bytes key;
    sf_bytes value; /* null: the row goes */
} sf_state_row;

/* Takes in many rows of a family, newer than all that is there: ascending keys, each once. From some
 * ten thousand on that is cheaper than batches, below it is dearer. They come as a whole or not at all.
 * When it returns they are on the disk, and so is all that was written before: not even a power cut
 * leaves them without it. The version may stay: nobody is to read these rows before the next batch. */
sf_status sf_state_db_ingest(sf_state_db *db, sf_state_family *family, const sf_state_row *rows,
                             size_t count, sf_error *err);

#endif
