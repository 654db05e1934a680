/* kafka_settings.h - librdkafka's properties by name: which there are, which the engine keeps to itself,
 * which are for one kind of client ("consumer.", "producer.", "admin." before them). Any thread. */
#ifndef SF_KAFKA_KAFKA_SETTINGS_H
#define SF_KAFKA_KAFKA_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include <stateful/arena.h>
#include <stateful/broker_setting.h>
#include <stateful/error.h>

typedef enum sf_kafka_role {
    SF_KAFKA_CONSUMER,
    SF_KAFKA_PRODUCER,
    SF_KAFKA_ADMIN, /* asks the broker about topics and groups */
} sf_kafka_role;

/* The property that a setting is about: its name without the client's. */
const char *sf_kafka_setting_property(const char *name);

/* Whether a client of that kind is to have the setting; is_own: it is for that kind alone. */
bool sf_kafka_setting_is_for(const char *name, sf_kafka_role role, bool *is_own);

/* The names of all properties that there are; names and list lie in the arena. */
const char *const *sf_kafka_setting_names(sf_arena *arena, size_t *count);

bool sf_kafka_setting_exists(const char *name);

/* SF_INVALID: there is no such property (the nearest is named), it is the engine's own (with the
 * reason), or librdkafka does not take the value. */
sf_status sf_kafka_settings_check(const sf_broker_setting *settings, size_t count, sf_error *err);

#endif
