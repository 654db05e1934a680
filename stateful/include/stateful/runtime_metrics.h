/* runtime_metrics.h - what an application has done and where it stands, as a picture of one moment: by thread, by
 * task, by input partition.
 *
 * Counters begin with the start of the application and only grow, but those of a task, which begin anew
 * when it comes to a thread. Any thread.
 */
#ifndef STATEFUL_RUNTIME_METRICS_H
#define STATEFUL_RUNTIME_METRICS_H

#include <stateful/arena.h>
#include <stateful/drop_reason.h>
#include <stateful/streams.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Classes of durations in a histogram; the last one has no upper bound. */
#define SF_LATENCY_BUCKETS 12

/* How long something took, each time. */
typedef struct sf_latency {
    uint64_t count;
    uint64_t sum_us;
    uint64_t max_us;
    uint64_t buckets[SF_LATENCY_BUCKETS]; /* in this class alone, not in those below it */
} sf_latency;

/* The upper bound of a class, itself included: 1,000 us, 2,000, ... 2,000,000, INT64_MAX. */
int64_t sf_latency_bound_us(size_t bucket);

/* An input partition of a task. */
typedef struct sf_input_metrics {
    const char *topic;
    int32_t partition;
    int64_t position;  /* the next record to be processed; SF_OFFSET_NONE: not started */
    int64_t end;       /* behind the last record known to be there; SF_OFFSET_NONE: not known yet */
    int64_t lag;       /* offsets between the two, markers included; -1: not known yet */
    uint64_t buffered; /* records that have arrived and wait for their turn */
} sf_input_metrics;

/* A task that a thread owns. */
typedef struct sf_task_metrics {
    const char *id;    /* "0_3": sub-topology and partition */
    const char *state; /* "waiting" for whoever had it, "asking" for its positions, "restoring",
                        * "running" */
    uint64_t processed;
    uint64_t dropped_by[SF_DROP_REASONS]; /* by sf_drop_reason */
    uint64_t skipped;
    uint64_t dead_letters;
    uint64_t restored;          /* changelog records */
    uint64_t restore_remaining; /* offsets still ahead of the restore */
    uint64_t dirty_bytes;       /* of changes that are not committed yet */
    const sf_input_metrics *inputs;
    size_t input_count;
} sf_task_metrics;

/* A stream thread. */
typedef struct sf_thread_metrics {
    size_t number;
    bool is_running; /* all its tasks are; false: it restores, waits for its group, or has ended */
    bool has_ended;
    uint64_t commits;
    uint64_t aborts;   /* taken back and done again */
    uint64_t rebuilds; /* began anew with a new producer */
    sf_latency commit_latency;
    uint64_t processed; /* by all the tasks it ever had, as what follows */
    uint64_t dropped_by[SF_DROP_REASONS];
    uint64_t skipped;
    uint64_t dead_letters;
    uint64_t restored;
    const sf_task_metrics *tasks;
    size_t task_count;
} sf_thread_metrics;

/* Memory that is used now, of what memory_max_bytes allows. */
typedef struct sf_memory_metrics {
    uint64_t max_bytes;
    uint64_t dirty_bytes;       /* changes of all tasks that are not committed yet */
    uint64_t block_cache_bytes; /* RocksDB: blocks read */
    uint64_t memtable_bytes;    /* RocksDB: written and not in files yet */
    uint64_t table_bytes;       /* RocksDB: indexes and filters outside of the cache */
} sf_memory_metrics;

/* All of it. */
typedef struct sf_runtime_metrics {
    sf_run_state state;
    sf_streams_counters totals;
    const sf_thread_metrics *threads;
    size_t thread_count;
    sf_memory_metrics memory;
} sf_runtime_metrics;

/* Takes the picture; all it points to lies in the arena. What a thread says of itself is at most 100 ms
 * old, or as old as the step it is in. Without threads before the start. */
void sf_streams_metrics(const sf_streams *streams, sf_arena *arena, sf_runtime_metrics *metrics);

#ifdef __cplusplus
}
#endif

#endif
