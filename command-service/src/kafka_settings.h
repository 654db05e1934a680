/* kafka_settings.h - KAFKA_SECURITY_PROTOCOL=SSL in the environment becomes librdkafka's
 * security.protocol=SSL. */
#ifndef COMMAND_SERVICE_KAFKA_SETTINGS_H
#define COMMAND_SERVICE_KAFKA_SETTINGS_H

#include <stateful/connect.h>

#include "service/settings.h"

struct kafka_settings {
    sf_broker_setting *items;
    size_t count;
};

/* Those of the environment that are no settings of the service; none for an embedded log. */
void kafka_settings_init(struct kafka_settings *kafka, const sf_settings *settings,
                         const char *address);
void kafka_settings_done(struct kafka_settings *kafka);

#endif
