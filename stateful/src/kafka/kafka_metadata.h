/* kafka_metadata.h - what the broker says of topics and offsets. Each call asks the broker and waits up
 * to SF_KAFKA_QUERY_MS for it; SF_RETRY while it is away. Any thread. */
#ifndef SF_KAFKA_KAFKA_METADATA_H
#define SF_KAFKA_KAFKA_METADATA_H

#include <librdkafka/rdkafka.h>

#include <stateful/broker.h>

#define SF_KAFKA_QUERY_MS 5000

/* *partitions = how many the topic has, 0 if there is no such topic. Also makes the handle know the
 * topic, which saves about a second with its first record. SF_RETRY while a partition has no leader. */
sf_status sf_kafka_topic_partitions(rd_kafka_t *client, const char *topic, int32_t *partitions,
                                    sf_error *err);

/* What the broker says of one of several topics. */
typedef struct sf_kafka_topic_found {
    int32_t partitions;       /* 0: there is no such topic */
    rd_kafka_resp_err_t code; /* why that is not known, e.g. a partition without a leader */
} sf_kafka_topic_found;

/* The same for several topics with one question. */
sf_status sf_kafka_topics_look_up(rd_kafka_t *client, const char *const *topics, size_t count,
                                  sf_kafka_topic_found *found, sf_error *err);

sf_status sf_kafka_topics_list(rd_kafka_t *client, sf_topic_fn fn, void *user, sf_error *err);

/* The first offset and the one behind the last; which "last" depends on the handle's isolation. */
sf_status sf_kafka_offset_range(rd_kafka_t *client, const char *topic, int32_t partition,
                                int64_t *first, int64_t *end, sf_error *err);

/* Fills the offsets of a list, in which no partition stands twice, with where each partition begins
 * (which: RD_KAFKA_OFFSET_BEGINNING) or, by the handle's isolation, ends (RD_KAFKA_OFFSET_END): one question
 * for each broker that leads some. Code SF_NOT_FOUND if the handle or a broker does not know a partition,
 * which is not named; sf_kafka_offset_range names it. */
sf_status sf_kafka_offsets_ask(rd_kafka_t *client, rd_kafka_topic_partition_list_t *list,
                               int64_t which, sf_error *err);

sf_status sf_kafka_offset_for_time(rd_kafka_t *client, const char *topic, int32_t partition,
                                   int64_t timestamp_ms, int64_t *offset, sf_error *err);

#endif
