/* command_service.h - the service as a whole: what is started, and stopped in the reverse order. */
#ifndef COMMAND_SERVICE_COMMAND_SERVICE_H
#define COMMAND_SERVICE_COMMAND_SERVICE_H

#include "service/settings.h"

/* The words of the command line (program.h). Main thread. */

/* Serves until a signal, or until it cannot go on. */
sf_status command_service_run(const sf_settings *settings, char **words, sf_error *err);

/* Brings the schema up to date and returns. */
sf_status command_service_migrate(const sf_settings *settings, char **words, sf_error *err);

#endif
