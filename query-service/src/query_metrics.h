/* query_metrics.h - what query-service tells of its engine (streams_*) and of its fleet (fleet_*). */
#ifndef QUERY_SERVICE_QUERY_METRICS_H
#define QUERY_SERVICE_QUERY_METRICS_H

#include "fleet/fleet.h"
#include "http/waiting_reads.h"
#include "service/metrics.h"

typedef struct query_metrics query_metrics;

/* Adds them; instances and waiting are borrowed as long as metrics are read. To be freed after metrics. */
query_metrics *query_metrics_new(sf_metrics *metrics, fleet *instances, waiting_reads *waiting);
void query_metrics_free(query_metrics *of);

#endif
