/* kafka_consumer.h - a member of a group, or a reader without one, over librdkafka. */
#ifndef SF_KAFKA_KAFKA_CONSUMER_H
#define SF_KAFKA_KAFKA_CONSUMER_H

#include "broker/broker_implementation.h"
#include "kafka/kafka_client.h"

/* As sf_consumer_new. */
sf_status sf_kafka_consumer_new(const sf_kafka_config *config, const sf_consumer_options *options,
                                sf_consumer **consumer, sf_error *err);

#endif
