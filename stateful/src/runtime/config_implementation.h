/* config_implementation.h - a configuration made whole: checked, every zero replaced by what it stands
 * for, its texts owned. */
#ifndef SF_RUNTIME_CONFIG_IMPLEMENTATION_H
#define SF_RUNTIME_CONFIG_IMPLEMENTATION_H

#include <stateful/config.h>

/* Copies given, its settings included, which are the broker's (see config_settings.h), with its defaults.
 * The broker and the clock stay borrowed. */
sf_status sf_config_complete(sf_config *config, const sf_config *given, sf_error *err);

/* Frees texts and settings. */
void sf_config_done(sf_config *config);

#endif
