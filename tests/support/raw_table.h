/* raw_table.h - a keyed state of a straight-line program: a hash table held whole, written to a column family
 * and a changelog topic at each commit, in order, once a key. For benchmarks of what the engine is held
 * against. One thread; what fails ends the program.
 */
#ifndef TESTS_SUPPORT_RAW_TABLE_H
#define TESTS_SUPPORT_RAW_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <librdkafka/rdkafka.h>
#include <rocksdb/c.h>

enum { RAW_KEY_SIZE = 32, RAW_VALUE_SIZE = 112 };

typedef struct raw_row {
    uint8_t key[RAW_KEY_SIZE];
    uint8_t value[RAW_VALUE_SIZE]; /* zero at first */
    uint8_t key_size;              /* 0: an empty slot */
    bool is_dirty;
} raw_row;

typedef struct raw_table {
    rocksdb_column_family_handle_t *family;
    rd_kafka_topic_t *changelog;
    size_t value_size;
    raw_row *rows;
    size_t mask;
    size_t count;
    uint32_t *dirty;
    size_t dirty_count;
    size_t dirty_capacity;
} raw_table;

void raw_table_init(raw_table *table, size_t value_size);

/* The value of a key, all zero if it is new; valid until the next call. It is written at the next commit. */
void *raw_table_change(raw_table *table, const void *key, size_t key_size);

/* The value of a key, or NULL. */
const void *raw_table_find(const raw_table *table, const void *key, size_t key_size);

/* Puts what was changed into the batch and sends it to the changelog. */
void raw_table_write(raw_table *table, rocksdb_writebatch_t *batch, rd_kafka_t *producer);

/* Produces, waiting while the queue is full. */
void raw_send(rd_kafka_t *producer, rd_kafka_topic_t *topic, const void *key, size_t key_size,
              const void *value, size_t value_size, int64_t time_ms);

#endif
