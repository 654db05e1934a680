/* kafka_broker.h - a Kafka cluster behind <stateful/broker.h>. */
#ifndef SF_KAFKA_KAFKA_BROKER_H
#define SF_KAFKA_KAFKA_BROKER_H

#include <stateful/broker.h>

/* bootstrap_servers is host:port, several parted by commas. options may be NULL; a setting that is not
 * to be is refused by name. The cluster is not contacted before it is needed. Any thread. */
sf_status sf_kafka_open(const char *bootstrap_servers, const sf_broker_options *options,
                        sf_broker **broker, sf_error *err);

#endif
