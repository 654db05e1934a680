/* kafka_producer.h - an idempotent or transactional producer over librdkafka. */
#ifndef SF_KAFKA_KAFKA_PRODUCER_H
#define SF_KAFKA_KAFKA_PRODUCER_H

#include "broker/broker_implementation.h"
#include "kafka/kafka_client.h"

/* As sf_producer_new. */
sf_status sf_kafka_producer_new(const sf_kafka_config *config, const sf_producer_options *options,
                                sf_producer **producer, sf_error *err);

#endif
