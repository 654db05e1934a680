/* kafka_properties.h - KAFKA_SECURITY_PROTOCOL=SSL in the environment becomes librdkafka's property
 * security.protocol. */
#ifndef SF_SERVICE_KAFKA_PROPERTIES_H
#define SF_SERVICE_KAFKA_PROPERTIES_H

#include <stateful/broker_setting.h>

#include "service/settings.h"

typedef struct sf_kafka_properties {
    sf_broker_setting *items; /* names are owned, values belong to the environment */
    size_t count;
} sf_kafka_properties;

/* All KAFKA_... variables that are no settings of the service, nor of Kafka's own scripts. None for
 * the embedded log, which has no such properties. */
void sf_kafka_properties_init(sf_kafka_properties *properties, const sf_settings *settings,
                              const char *bootstrap_servers);
void sf_kafka_properties_done(sf_kafka_properties *properties);

#endif
