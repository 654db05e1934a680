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

sf_status sf_kafka_topics_list(rd_kafka_t *client, sf_topic_fn fn, void *user, sf_error *err);

/* The first offset and the one behind the last; which "last" depends on the handle's isolation. */
sf_status sf_kafka_offset_range(rd_kafka_t *client, const char *topic, int32_t partition,
                                int64_t *first, int64_t *end, sf_error *err);

sf_status sf_kafka_offset_for_time(rd_kafka_t *client, const char *topic, int32_t partition,
                                   int64_t timestamp_ms, int64_t *offset, sf_error *err);

#endif
