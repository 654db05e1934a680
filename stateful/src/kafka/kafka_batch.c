#include "kafka/kafka_batch.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"

struct sf_kafka_batch {
    sf_record_batch base;
    sf_kafka_batch_pool *pool;
    sf_kafka_batch *next; /* in the pool */
    sf_consumed_record *records;
    rd_kafka_message_t **messages; /* as many as there are records */
    size_t capacity;
    sf_arena *headers; /* made when the first record with headers comes */
};

void sf_kafka_batch_pool_init(sf_kafka_batch_pool *pool)
{
    *pool = (sf_kafka_batch_pool){NULL, 0};
}

void sf_kafka_batch_pool_done(sf_kafka_batch_pool *pool)
{
    /* librdkafka would wait for ever for messages that somebody still holds. */
    assert(!pool->out);
    while (pool->free) {
        sf_kafka_batch *batch = pool->free;

        pool->free = batch->next;
        if (batch->headers)
            sf_arena_free(batch->headers);
        free(batch->messages);
        free(batch->records);
        free(batch);
    }
}

static void release(sf_record_batch *base)
{
    sf_kafka_batch *batch = (sf_kafka_batch *)base;

    for (size_t i = 0; i < base->count; i++)
        rd_kafka_message_destroy(batch->messages[i]);
    base->count = 0;
    if (batch->headers)
        sf_arena_reset(batch->headers);
    batch->next = batch->pool->free;
    batch->pool->free = batch;
    batch->pool->out--;
}

static void make_room(sf_kafka_batch *batch, size_t capacity)
{
    size_t wanted = 16;

    if (capacity <= batch->capacity)
        return;
    while (wanted < capacity)
        wanted *= 2;
    batch->records = sf_realloc_array(batch->records, wanted, sizeof(*batch->records));
    batch->messages = sf_realloc_array(batch->messages, wanted, sizeof(rd_kafka_message_t *));
    batch->base.records = batch->records;
    batch->capacity = wanted;
}

sf_kafka_batch *sf_kafka_batch_new(sf_kafka_batch_pool *pool, size_t capacity)
{
    sf_kafka_batch *batch = pool->free;

    if (batch) {
        pool->free = batch->next;
    } else {
        batch = sf_zalloc(sizeof(*batch));
        batch->base.release = release;
        batch->pool = pool;
    }
    make_room(batch, capacity);
    pool->out++;
    return batch;
}

static sf_headers headers_of(sf_kafka_batch *batch, rd_kafka_headers_t *headers)
{
    size_t count = rd_kafka_header_cnt(headers);
    sf_header *items;

    if (!batch->headers)
        batch->headers = sf_arena_new();
    items = sf_arena_alloc(batch->headers, count * sizeof(*items));
    for (size_t i = 0; i < count; i++) {
        const void *value;
        size_t size;

        /* The index is below the count, so there is one. */
        (void)rd_kafka_header_get_all(headers, i, &items[i].name, &value, &size);
        items[i].value = sf_bytes_of(value, size);
    }
    return (sf_headers){items, count};
}

void sf_kafka_batch_take(sf_kafka_batch *batch, rd_kafka_message_t *message)
{
    sf_consumed_record *record = &batch->records[batch->base.count];
    rd_kafka_timestamp_type_t type;
    rd_kafka_headers_t *headers;

    record->record.key = sf_bytes_of(message->key, message->key_len);
    record->record.value = sf_bytes_of(message->payload, message->len);
    record->record.timestamp = rd_kafka_message_timestamp(message, &type);
    if (rd_kafka_message_headers(message, &headers))
        record->record.headers = (sf_headers){NULL, 0};
    else
        record->record.headers = headers_of(batch, headers);
    record->offset = message->offset;
    batch->messages[batch->base.count++] = message;
}

sf_record_batch *sf_kafka_batch_finish(sf_kafka_batch *batch, int64_t position_after)
{
    batch->base.position_after = position_after;
    if (batch->base.count)
        return &batch->base;
    release(&batch->base);
    return NULL;
}
