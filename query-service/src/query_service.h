/* query_service.h - the service as a whole: topology, application, views, REST interface. */
#ifndef QUERY_SERVICE_QUERY_SERVICE_H
#define QUERY_SERVICE_QUERY_SERVICE_H

#include "query_settings.h"

/* Serves until a signal or a failure ends it, then stops in order; sf_lifecycle_begin comes first.
 * began_us (sf_clock_monotonic_us) is when the process began, for the log. An error means that it
 * could not start, or that processing could not go on. Main thread. */
sf_status query_service_run(const sf_settings *settings, int64_t began_us, sf_error *err);

#endif
