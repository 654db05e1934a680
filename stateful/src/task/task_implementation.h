/* task_implementation.h - what is inside a task; shared by task.c (its life), task_restore.c,
 * task_process.c and task_commit.c.
 *
 * 1 Positions and times in `committed` are those of the last commit; an abort goes back to them.
 * 2 A record is a savepoint, and so are a punctuation and a cached change on its way downstream:
 *   stores, output, operator times and the dropped counter are marked before it and taken back if it
 *   is refused.
 * 3 Output leaves for the port only between records.
 */
#ifndef SF_TASK_TASK_IMPLEMENTATION_H
#define SF_TASK_TASK_IMPLEMENTATION_H

#include "task/collector.h"
#include "task/partition_group.h"
#include "task/pipeline.h"
#include "task/task.h"

typedef struct sf_task_changelog_state {
    sf_task_changelog changelog;
    char *topic;   /* owned */
    size_t output; /* the port's number */

    sf_bulk_load *load;  /* NULL: records are written slice by slice */
    size_t load_bytes;   /* so much is gathered before it is written */
    int64_t gathered_to; /* the position behind what was gathered */
} sf_task_changelog_state;

typedef struct sf_task_savepoint {
    int64_t *positions; /* of each input */
    sf_operator_times times;
} sf_task_savepoint;

struct sf_task {
    const sf_topology *topology;
    size_t subtopology;
    const sf_subtopology *part;
    int32_t partition;
    char id[24];
    char *application_id;
    sf_state *state;
    sf_clock *clock;
    size_t queue_records;

    sf_task_stores *stores;
    sf_state_commit *restoring; /* for restore slices */
    sf_task_changelog_state *changelogs;
    size_t changelog_count;
    size_t *changelog_of_store; /* count of stores; changelog_count: it has none */

    sf_partition_group group;
    char **input_topics; /* full names */
    int64_t *stored_positions;

    sf_collector collector;
    size_t *outputs; /* the port's number of each sink topic */
    size_t dead_letters;

    sf_pipeline_context context;
    sf_pipeline *pipeline;
    sf_operator_times times;
    sf_task_savepoint committed;
    sf_task_counters counters;
    sf_origin origin;
    bool is_published;
    size_t step_bytes; /* see sf_task_set_step_bytes; 0: any number */
    bool has_uncommitted;
};

/* What was dropped since the savepoint counts. */
void sf_task_count_drops(sf_task *task);

/* A savepoint, and back to it. */
void sf_task_mark(sf_task *task);
void sf_task_undo(sf_task *task);

/* Work without a source record was refused in context and is undone; SF_OK if the task goes on without
 * it. */
sf_status sf_task_refuse_apart(sf_task *task, const sf_context *context, sf_error *err);
sf_savepoint_ops sf_task_savepoint_ops(sf_task *task);

/* Brings the times of partitions and stores into task->times, where operators keep theirs. */
void sf_task_gather_times(sf_task *task);

/* The time of an input's partition, or of a store. */
int64_t *sf_task_partition_time(sf_task *task, size_t input);
int64_t *sf_task_store_time(sf_task *task, size_t store);

#endif
