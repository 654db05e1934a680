/* kafka_batch.h - messages of librdkafka as record batches: the records point into the messages, which
 * live until the batch is released. Batches are used again and again. The consumer's thread. */
#ifndef SF_KAFKA_KAFKA_BATCH_H
#define SF_KAFKA_KAFKA_BATCH_H

#include <librdkafka/rdkafka.h>

#include "record/record_batch.h"

#define SF_KAFKA_BATCH_MAX 4096

typedef struct sf_kafka_batch sf_kafka_batch;

typedef struct sf_kafka_batch_pool {
    sf_kafka_batch *free;
    size_t out; /* batches that someone holds */
} sf_kafka_batch_pool;

void sf_kafka_batch_pool_init(sf_kafka_batch_pool *pool);
void sf_kafka_batch_pool_done(sf_kafka_batch_pool *pool); /* once none is out */

/* An empty batch with room for so many records. */
sf_kafka_batch *sf_kafka_batch_new(sf_kafka_batch_pool *pool, size_t capacity);

/* Adds a record and becomes the owner of its message. */
void sf_kafka_batch_take(sf_kafka_batch *batch, rd_kafka_message_t *message);

/* The batch for its reader, or NULL, and it is back in the pool, if it has no record. */
sf_record_batch *sf_kafka_batch_finish(sf_kafka_batch *batch, int64_t position_after);

#endif
