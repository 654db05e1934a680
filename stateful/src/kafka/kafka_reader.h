/* kafka_reader.h - one partition being read, through a queue of its own. The consumer's thread. */
#ifndef SF_KAFKA_KAFKA_READER_H
#define SF_KAFKA_KAFKA_READER_H

#include <librdkafka/rdkafka.h>

#include "broker/broker_implementation.h"
#include "kafka/kafka_batch.h"
#include "kafka/kafka_waker.h"

typedef struct sf_kafka_reader sf_kafka_reader;

/* What all readers of a consumer share; it outlives them. */
typedef struct sf_kafka_reading {
    const sf_consumer_ops *ops;
    rd_kafka_t *client;
    sf_kafka_waker waker;
    sf_kafka_batch_pool batches;
    bool took_out;    /* a partition from the assignment by ourselves, since the group was served */
    uint64_t dropped; /* records that came though nobody waited for them any more */
    rd_kafka_message_t *arrived[SF_KAFKA_BATCH_MAX]; /* of the read under way */
} sf_kafka_reading;

struct sf_kafka_reader {
    sf_reader base;
    sf_kafka_reading *shared;
    sf_kafka_reader *next; /* its consumer's list */
    char *topic;
    int32_t partition;
    int32_t partition_count; /* of the topic, when it was looked up */
    rd_kafka_queue_t *queue;
    atomic_bool is_ready;
    int64_t position;
    bool has_failed; /* until a seek */
    bool is_lost;    /* failed since a broker said that it does not have the position */
    int looks;       /* whether it has, since the last record */
    sf_error failure;
};

/* Begins to read at an offset, which may be SF_OFFSET_BEGINNING or SF_OFFSET_END. Metadata of the topic
 * must be known to the handle. */
sf_status sf_kafka_reader_new(sf_kafka_reading *shared, const char *topic, int32_t partition,
                              int64_t offset, sf_kafka_reader **reader, sf_error *err);

/* Frees it and takes it out of the assignment, or adds it to leaving (unless NULL), then the caller
 * does that. */
void sf_kafka_reader_free(sf_kafka_reader *reader, rd_kafka_topic_partition_list_t *leaving);

/* As <stateful/broker.h> says; max is cut to SF_KAFKA_BATCH_MAX. */
sf_status sf_kafka_reader_read(sf_kafka_reader *reader, size_t max, sf_record_batch **batch,
                               sf_error *err);

sf_status sf_kafka_reader_seek(sf_kafka_reader *reader, int64_t offset, sf_error *err);

bool sf_kafka_reader_is_ready(const sf_kafka_reader *reader);
int64_t sf_kafka_reader_end(const sf_kafka_reader *reader);

#endif
