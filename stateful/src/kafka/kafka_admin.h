/* kafka_admin.h - changes to topics, and their settings. SF_RETRY while the broker is away. Any thread. */
#ifndef SF_KAFKA_KAFKA_ADMIN_H
#define SF_KAFKA_KAFKA_ADMIN_H

#include <librdkafka/rdkafka.h>

#include <stateful/broker.h>
#include <stateful/clock.h>

/* Returns once the leaders of all that could be made answer. As sf_broker_create_topics. */
void sf_kafka_topics_create(rd_kafka_t *client, sf_clock *clock, const sf_topic_spec *specs,
                            size_t count, sf_topic_outcome *outcomes);

/* Returns once the broker does not name it any more; one that is not there is fine. */
sf_status sf_kafka_topic_delete(rd_kafka_t *client, sf_clock *clock, const char *topic,
                                sf_error *err);

/* Returns once the broker shows at least so many partitions. */
sf_status sf_kafka_topic_grow(rd_kafka_t *client, sf_clock *clock, const char *topic,
                              int32_t partitions, sf_error *err);

/* As sf_broker_topic_configs. */
sf_status sf_kafka_topic_configs(rd_kafka_t *client, const char *topic, sf_topic_config_fn fn,
                                 void *user, sf_error *err);

sf_status sf_kafka_records_delete(rd_kafka_t *client, const char *topic, int32_t partition,
                                  int64_t below_offset, sf_error *err);

#endif
