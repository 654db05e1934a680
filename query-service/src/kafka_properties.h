/* kafka_properties.h - KAFKA_SECURITY_PROTOCOL=SSL in the environment becomes librdkafka's property
 * security.protocol. */
#ifndef QUERY_SERVICE_KAFKA_PROPERTIES_H
#define QUERY_SERVICE_KAFKA_PROPERTIES_H

#include <stateful/connect.h>

#include "service/settings.h"

typedef struct kafka_properties {
    sf_broker_setting *items; /* names are owned, values belong to the environment */
    size_t count;
} kafka_properties;

/* All KAFKA_... variables that are no settings of the service, nor of Kafka's own scripts. None for
 * the embedded log, which has no such properties. */
void kafka_properties_init(kafka_properties *properties, const sf_settings *settings,
                           const char *bootstrap_servers);
void kafka_properties_done(kafka_properties *properties);

#endif
