/* process_metrics.h - what every process tells of itself: build_info, process_*. */
#ifndef SF_SERVICE_PROCESS_METRICS_H
#define SF_SERVICE_PROCESS_METRICS_H

#include "service/metrics.h"

/* Adds them, read anew at each reading of metrics. What is returned is freed after metrics. */
typedef struct sf_process_metrics sf_process_metrics;
sf_process_metrics *sf_process_metrics_new(sf_metrics *metrics, const char *service,
                                           const char *version);
void sf_process_metrics_free(sf_process_metrics *process);

#endif
