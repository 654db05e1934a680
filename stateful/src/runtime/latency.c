#include "runtime/latency.h"

int64_t sf_latency_bound_us(size_t bucket)
{
    static const int64_t bounds[SF_LATENCY_BUCKETS] = {
        1000, 2000, 5000, 10000, 20000, 50000, 100000, 200000, 500000, 1000000, 2000000, INT64_MAX,
    };

    return bounds[bucket];
}

void sf_latency_add(sf_latency *latency, int64_t duration_us)
{
    uint64_t duration = duration_us > 0 ? (uint64_t)duration_us : 0;
    size_t bucket = 0;

    while (duration_us > sf_latency_bound_us(bucket))
        bucket++;
    latency->count++;
    latency->sum_us += duration;
    latency->buckets[bucket]++;
    if (duration > latency->max_us)
        latency->max_us = duration;
}
