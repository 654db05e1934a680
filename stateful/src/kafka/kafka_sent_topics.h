/* kafka_sent_topics.h - the topics that a producer sends to, and where their partitions ended when records of
 * its own were last delivered. The producer's thread.
 *
 * A topic stays until the client goes, whatever its broker says of it: librdkafka keeps a topic, and with it
 * what its deliveries are noted in, for as long. */
#ifndef SF_KAFKA_KAFKA_SENT_TOPICS_H
#define SF_KAFKA_KAFKA_SENT_TOPICS_H

#include <librdkafka/rdkafka.h>

#include "base/map.h"
#include "broker/broker_implementation.h"

typedef struct sf_kafka_sent_topics {
    rd_kafka_t *client;
    const sf_producer_ops *ops; /* of each */
    sf_map *by_name;
} sf_kafka_sent_topics;

/* client may be NULL, then nothing but _done may follow. */
void sf_kafka_sent_topics_init(sf_kafka_sent_topics *topics, rd_kafka_t *client,
                               const sf_producer_ops *ops);
void sf_kafka_sent_topics_done(sf_kafka_sent_topics *topics); /* before the client goes */

/* As the calls of <stateful/broker.h>. */
sf_status sf_kafka_sent_topics_expect(sf_kafka_sent_topics *topics, const char *const *names,
                                      size_t count, sf_error *err);
sf_status sf_kafka_sent_topics_open(sf_kafka_sent_topics *topics, const char *name,
                                    sf_producer_topic **topic, sf_error *err);

rd_kafka_topic_t *sf_kafka_sent_topic_handle(const sf_producer_topic *topic);

/* Notes that a record before that offset was delivered. topic: the opaque of its handle. */
void sf_kafka_sent_topic_note(void *topic, int32_t partition, int64_t end);
int64_t sf_kafka_sent_topic_end(const sf_producer_topic *topic, int32_t partition);

#endif
