/* latency.h - counts durations by classes. One thread. */
#ifndef SF_RUNTIME_LATENCY_H
#define SF_RUNTIME_LATENCY_H

#include <stateful/runtime_metrics.h>

void sf_latency_add(sf_latency *latency, int64_t duration_us);

#endif
