/* active_task.h - a task as its thread holds it: from the moment it is assigned until it is let go.
 *
 *   WAITING -> ASKING -> RESTORING -> RUNNING
 *      ^          |          |           |
 *      +----------+----------+-----------+   reset: taken up again from the group's positions
 *
 * The stream thread's.
 */
#ifndef SF_RUNTIME_ACTIVE_TASK_H
#define SF_RUNTIME_ACTIVE_TASK_H

#include <stateful/broker.h>
#include <stateful/consumed.h>

#include "runtime/layout.h"
#include "task/task.h"

typedef enum sf_active_state {
    SF_ACTIVE_WAITING,   /* for its holder in the process to let go */
    SF_ACTIVE_ASKING,    /* for the positions that the group committed, and where topics end */
    SF_ACTIVE_RESTORING, /* reads the changelogs' tails */
    SF_ACTIVE_RUNNING,
} sf_active_state;

typedef struct sf_active_input {
    const char *topic; /* the task's */
    bool exists;       /* the topic has a partition of that number */
    sf_reset reset;
    int64_t committed;   /* by the group, SF_OFFSET_NONE: nothing */
    char *metadata;      /* that was committed with it */
    sf_watermarks marks; /* when they were last asked for (task_ends.h) */
    int64_t known_end;   /* records up to here were there when the task started */
    sf_reader *reader;   /* while running */
} sf_active_input;

typedef struct sf_active_changelog {
    sf_watermarks marks; /* when they were last asked for (task_ends.h) */
    int64_t begin;       /* read from here */
    int64_t end;         /* and up to here */
    int64_t began_us;    /* monotonic time */
    uint64_t restored;   /* records since then */
    sf_reader *reader;   /* NULL: done */
    int64_t
        sent_end; /* what the sender knew of its end at the last commit, or when the task started */
} sf_active_changelog;

typedef struct sf_active_task {
    size_t index; /* in the layout */
    const sf_layout_task *place;
    sf_active_state state;

    /* from ASKING on */
    sf_task *task;
    sf_active_input *inputs;
    size_t input_count;
    sf_active_changelog *changelogs;
    size_t changelog_count;
    bool is_answered;  /* while ASKING: both are known */
    bool has_read;     /* changelogs, since then: where its inputs end is of an earlier time */
    uint64_t restored; /* changelog records read since it was taken */
} sf_active_task;

sf_active_task *sf_active_task_new(size_t index, const sf_layout_task *place);

/* Asserts that the step is one of those drawn above. */
void sf_active_task_become(sf_active_task *active, sf_active_state state);

/* Takes the task from whoever held it and opens it with these options; SF_RETRY with SF_BUSY while
 * another thread has it. counts: partitions of the topology's topics. */
sf_status sf_active_task_open(sf_active_task *active, const sf_task_options *options,
                              const int32_t *counts, sf_error *err);

/* Closes the task and lets it go; its readers must be removed before. Back to WAITING. */
void sf_active_task_reset(sf_active_task *active, sf_state *state);

/* After a reset. */
void sf_active_task_free(sf_active_task *active);

#endif
