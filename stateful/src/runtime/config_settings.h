/* config_settings.h - the settings of an application by the names that Kafka Streams gives them. Any
 * thread. */
#ifndef SF_RUNTIME_CONFIG_SETTINGS_H
#define SF_RUNTIME_CONFIG_SETTINGS_H

#include <stateful/config.h>

/* Takes those of given->settings that are an application's into their fields, over what is there, and
 * completes that: see config_implementation.h; the settings that are left are the broker's. SF_INVALID:
 * one that nobody knows (the nearest is named), a value that is none, or one that is said otherwise
 * here. */
sf_status sf_config_settings_complete(sf_config *config, const sf_config *given, sf_error *err);

#endif
