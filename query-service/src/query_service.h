/* query_service.h - the service as a whole: topology, application, views, REST interface. */
#ifndef QUERY_SERVICE_QUERY_SERVICE_H
#define QUERY_SERVICE_QUERY_SERVICE_H

#include "query_settings.h"

/* Serves until a signal or a failure ends it, then stops in order. words are none. An error means that
 * it could not start, or that processing could not go on. A word of program.h; main thread. */
sf_status query_service_run(const sf_settings *settings, char **words, sf_error *err);

#endif
