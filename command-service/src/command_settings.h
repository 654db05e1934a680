/* command_settings.h - what can be set from outside; one table that is also the help text. */
#ifndef COMMAND_SERVICE_COMMAND_SETTINGS_H
#define COMMAND_SERVICE_COMMAND_SETTINGS_H

#include "service/settings.h"

#define COMMAND_SERVICE_VERSION "0.1.0"

extern const sf_setting command_settings[];
extern const size_t command_setting_count;

/* Checks what the table cannot say, and what only makes sense together. */
sf_status command_settings_check(const sf_settings *settings, sf_error *err);

#endif
