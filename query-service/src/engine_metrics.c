#include "engine_metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <stateful/runtime_metrics.h>

#include "base/memory.h"

struct engine_metrics {
    sf_streams *streams;
    sf_metric *lag;
    sf_metric_series *commits;
    sf_metric_series *max_bytes, *dirty_bytes;
    sf_metric_series *block_cache_bytes, *memtable_bytes, *table_bytes;
    double bounds[SF_LATENCY_BUCKETS - 1]; /* of commits, in seconds */
};

static void set_lag(engine_metrics *of, const sf_input_metrics *input)
{
    char partition[16];

    if (input->lag < 0)
        return;
    (void)snprintf(partition, sizeof partition, "%" PRId32, input->partition); /* always fits */
    sf_metric_set(sf_metric_at(of->lag, (const char *[]){input->topic, partition}),
                  (double)input->lag);
}

/* Inputs come and go with their tasks. */
static void set_lags(engine_metrics *of, const sf_runtime_metrics *seen)
{
    sf_metric_hide(of->lag);
    for (size_t i = 0; i < seen->thread_count; i++) {
        const sf_thread_metrics *thread = &seen->threads[i];

        for (size_t k = 0; k < thread->task_count; k++)
            for (size_t m = 0; m < thread->tasks[k].input_count; m++)
                set_lag(of, &thread->tasks[k].inputs[m]);
    }
}

static void set_commits(engine_metrics *of, const sf_runtime_metrics *seen)
{
    uint64_t counts[SF_LATENCY_BUCKETS] = {0}, sum_us = 0;

    for (size_t i = 0; i < seen->thread_count; i++) {
        const sf_latency *latency = &seen->threads[i].commit_latency;

        sum_us += latency->sum_us;
        for (size_t k = 0; k < SF_LATENCY_BUCKETS; k++)
            counts[k] += latency->buckets[k];
    }
    sf_metric_set_histogram(of->commits, counts, (double)sum_us / 1e6);
}

static void set_memory(engine_metrics *of, const sf_memory_metrics *memory)
{
    sf_metric_set(of->max_bytes, (double)memory->max_bytes);
    sf_metric_set(of->dirty_bytes, (double)memory->dirty_bytes);
    sf_metric_set(of->block_cache_bytes, (double)memory->block_cache_bytes);
    sf_metric_set(of->memtable_bytes, (double)memory->memtable_bytes);
    sf_metric_set(of->table_bytes, (double)memory->table_bytes);
}

static void collect(void *user)
{
    engine_metrics *of = user;
    sf_arena *arena = sf_arena_new();
    sf_runtime_metrics seen;

    sf_streams_metrics(of->streams, arena, &seen);
    set_lags(of, &seen);
    set_commits(of, &seen);
    set_memory(of, &seen.memory);
    sf_arena_free(arena);
}

static sf_metric_series *add_gauge(sf_metrics *metrics, const char *name, const char *help)
{
    sf_metric_options options = {.kind = SF_METRIC_GAUGE, .name = name, .help = help};

    return sf_metric_at(sf_metrics_add(metrics, &options), NULL);
}

static void add_commits(engine_metrics *of, sf_metrics *metrics)
{
    sf_metric_options options = {
        .kind = SF_METRIC_HISTOGRAM,
        .name = "streams_commit_duration_seconds",
        .help = "How long commits take, those of all threads.",
        .bounds = of->bounds,
        .bound_count = SF_ARRAY_LENGTH(of->bounds),
    };

    for (size_t i = 0; i < SF_ARRAY_LENGTH(of->bounds); i++)
        of->bounds[i] = (double)sf_latency_bound_us(i) / 1e6;
    of->commits = sf_metric_at(sf_metrics_add(metrics, &options), NULL);
}

static void add_lag(engine_metrics *of, sf_metrics *metrics)
{
    sf_metric_options options = {
        .kind = SF_METRIC_GAUGE,
        .name = "streams_consumer_lag_records",
        .help = "Records of an input partition that are not processed yet.",
        .labels = "topic partition",
    };

    of->lag = sf_metrics_add(metrics, &options);
}

engine_metrics *engine_metrics_new(sf_metrics *metrics, sf_streams *streams)
{
    engine_metrics *of = sf_zalloc(sizeof *of);

    of->streams = streams;
    add_lag(of, metrics);
    add_commits(of, metrics);
    of->max_bytes =
        add_gauge(metrics, "streams_memory_max_bytes", "What the engine may use at most.");
    of->dirty_bytes =
        add_gauge(metrics, "streams_dirty_bytes", "Changes that are not committed yet.");
    of->block_cache_bytes = add_gauge(metrics, "rocksdb_block_cache_bytes", "Blocks read.");
    of->memtable_bytes =
        add_gauge(metrics, "rocksdb_memtable_bytes", "Written, and not in files yet.");
    of->table_bytes = add_gauge(metrics, "rocksdb_table_bytes",
                                "Indexes and filters of files, outside of the cache.");
    sf_metrics_add_collector(metrics, collect, of);
    return of;
}

void engine_metrics_free(engine_metrics *of)
{
    free(of);
}
