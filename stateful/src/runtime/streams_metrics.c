#include <stateful/runtime_metrics.h>

#include "runtime/streams_implementation.h"
#include "runtime/thread_metrics.h"
#include "store/state.h"

static uint64_t dirty_bytes(const sf_thread_metrics *thread)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < thread->task_count; i++)
        sum += thread->tasks[i].dirty_bytes;
    return sum;
}

static void take_memory(const sf_streams *streams, sf_runtime_metrics *metrics)
{
    sf_state_memory used = {0};

    sf_state_db_memory(sf_state_database(streams->state, false), &used);
    metrics->memory.block_cache_bytes = used.block_cache_bytes;
    metrics->memory.memtable_bytes = used.memtable_bytes;
    metrics->memory.table_bytes = used.table_bytes;
    for (size_t i = 0; i < metrics->thread_count; i++)
        metrics->memory.dirty_bytes += dirty_bytes(&metrics->threads[i]);
}

void sf_streams_metrics(const sf_streams *streams, sf_arena *arena, sf_runtime_metrics *metrics)
{
    sf_thread_metrics *threads;

    *metrics = (sf_runtime_metrics){
        .state = sf_streams_state(streams),
        .memory.max_bytes = streams->config.memory_max_bytes,
    };
    sf_streams_counters_get(streams, &metrics->totals);
    if (metrics->state == SF_STREAMS_CREATED)
        return;
    threads = sf_arena_zalloc(arena, (streams->thread_count + 1) * sizeof(*threads));
    for (size_t i = 0; i < streams->thread_count; i++)
        sf_stream_thread_metrics(streams->threads[i], arena, &threads[i]);
    metrics->threads = threads;
    metrics->thread_count = streams->thread_count;
    take_memory(streams, metrics);
}
