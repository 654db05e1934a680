/* engine_metrics.h - what the engine says of itself in /metrics, beyond its counters: lag of each input
 * partition, how long commits take, memory. */
#ifndef QUERY_SERVICE_ENGINE_METRICS_H
#define QUERY_SERVICE_ENGINE_METRICS_H

#include <stateful/streams.h>

#include "service/metrics.h"

typedef struct engine_metrics engine_metrics;

/* Adds them to metrics; the application is borrowed, and must outlive the reading of metrics. */
engine_metrics *engine_metrics_new(sf_metrics *metrics, sf_streams *streams);

/* NULL is fine. */
void engine_metrics_free(engine_metrics *of);

#endif
