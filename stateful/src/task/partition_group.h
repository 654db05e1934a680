/* partition_group.h - which input of a task comes next: the one whose head has the smallest
 * timestamp, as long as none that is empty has to be waited for. Stream thread only. */
#ifndef SF_TASK_PARTITION_GROUP_H
#define SF_TASK_PARTITION_GROUP_H

#include <stateful/clock.h>

#include "task/record_queue.h"

typedef struct sf_group_input {
    sf_record_queue queue;
    bool is_caught_up;     /* the broker is known to hold nothing more */
    int64_t waiting_until; /* wall clock, ms; while empty and caught up; -1: not begun */
} sf_group_input;

typedef struct sf_partition_group {
    sf_group_input *inputs;
    size_t count;
    int64_t max_idle_ms; /* -1: never waits; 0: while unread data is known; more: so long on top */
    sf_clock *clock;
    int64_t stream_time; /* largest timestamp taken, -1: none */
} sf_partition_group;

/* The next input, NULL if nothing is there or an empty one has to be waited for. Its head is
 * ready. */
sf_group_input *sf_partition_group_choose(sf_partition_group *group);

/* The head of the input is being processed: time moves on. */
static inline void sf_partition_group_take(sf_partition_group *group, sf_group_input *input)
{
    int64_t timestamp = input->queue.head.timestamp;

    if (timestamp > input->queue.partition_time)
        input->queue.partition_time = timestamp;
    if (timestamp > group->stream_time)
        group->stream_time = timestamp;
}

#endif
