#include "support/raw_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/bytes.h>

#include "base/hash.h"
#include "base/memory.h"

enum { FIRST_ROWS = 1 << 12, FULL_POLL_MS = 1 };

void raw_table_init(raw_table *table, size_t value_size)
{
    table->value_size = value_size;
    table->mask = FIRST_ROWS - 1;
    table->rows = sf_zalloc(FIRST_ROWS * sizeof(raw_row));
}

static size_t place_of(const raw_table *table, const void *key, size_t key_size)
{
    size_t at = sf_hash(sf_bytes_of(key, key_size)) & table->mask;

    while (table->rows[at].key_size &&
           (table->rows[at].key_size != key_size || memcmp(table->rows[at].key, key, key_size)))
        at = (at + 1) & table->mask;
    return at;
}

static void note_dirty(raw_table *table, size_t at)
{
    if (table->dirty_count == table->dirty_capacity) {
        table->dirty_capacity = 2 * table->dirty_capacity + 1024;
        table->dirty = sf_realloc_array(table->dirty, table->dirty_capacity, sizeof(*table->dirty));
    }
    table->rows[at].is_dirty = true;
    table->dirty[table->dirty_count++] = (uint32_t)at;
}

static void grow(raw_table *table)
{
    raw_row *old = table->rows;
    size_t old_count = table->mask + 1;

    table->mask = 2 * old_count - 1;
    table->rows = sf_zalloc(2 * old_count * sizeof(raw_row));
    table->dirty_count = 0;
    for (size_t i = 0; i < old_count; i++) {
        size_t at;

        if (!old[i].key_size)
            continue;
        at = place_of(table, old[i].key, old[i].key_size);
        table->rows[at] = old[i];
        if (old[i].is_dirty)
            note_dirty(table, at);
    }
    free(old);
}

void *raw_table_change(raw_table *table, const void *key, size_t key_size)
{
    size_t at;

    if (table->count * 10 > table->mask * 6)
        grow(table);
    at = place_of(table, key, key_size);
    if (!table->rows[at].key_size) {
        memcpy(table->rows[at].key, key, key_size);
        table->rows[at].key_size = (uint8_t)key_size;
        table->count++;
    }
    if (!table->rows[at].is_dirty)
        note_dirty(table, at);
    return table->rows[at].value;
}

const void *raw_table_find(const raw_table *table, const void *key, size_t key_size)
{
    size_t at = place_of(table, key, key_size);

    return table->rows[at].key_size ? table->rows[at].value : NULL;
}

static int by_key(const void *left, const void *right, void *rows)
{
    const raw_row *a = (const raw_row *)rows + *(const uint32_t *)left;
    const raw_row *b = (const raw_row *)rows + *(const uint32_t *)right;
    int order = memcmp(a->key, b->key, a->key_size < b->key_size ? a->key_size : b->key_size);

    return order ? order : a->key_size - b->key_size;
}

void raw_send(rd_kafka_t *producer, rd_kafka_topic_t *topic, const void *key, size_t key_size,
              const void *value, size_t value_size, int64_t time_ms)
{
    rd_kafka_vu_t parts[] = {
        {.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = topic},
        {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {(void *)(uintptr_t)key, key_size}},
        {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {(void *)(uintptr_t)value, value_size}},
        {.vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = time_ms},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
    };
    rd_kafka_error_t *error;

    while ((error = rd_kafka_produceva(producer, parts, SF_ARRAY_LENGTH(parts)))) {
        if (rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
            fprintf(stderr, "%s: %s\n", rd_kafka_topic_name(topic), rd_kafka_error_string(error));
            exit(1);
        }
        rd_kafka_error_destroy(error);
        rd_kafka_poll(producer, FULL_POLL_MS);
    }
}

void raw_table_write(raw_table *table, rocksdb_writebatch_t *batch, rd_kafka_t *producer)
{
    qsort_r(table->dirty, table->dirty_count, sizeof(*table->dirty), by_key, table->rows);
    for (size_t i = 0; i < table->dirty_count; i++) {
        raw_row *row = &table->rows[table->dirty[i]];

        rocksdb_writebatch_put_cf(batch, table->family, (const char *)row->key, row->key_size,
                                  (const char *)row->value, table->value_size);
        raw_send(producer, table->changelog, row->key, row->key_size, row->value, table->value_size,
                 1);
        row->is_dirty = false;
    }
    table->dirty_count = 0;
}
