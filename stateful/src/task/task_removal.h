/* task_removal.h - removes what an instance still has of a task that others work on now. The caller holds
 * the task (sf_state_take_task). Any thread. */
#ifndef SF_TASK_TASK_REMOVAL_H
#define SF_TASK_TASK_REMOVAL_H

#include <stateful/topology.h>

#include "store/state.h"

typedef struct sf_task_removal {
    const sf_topology *topology;
    size_t subtopology;
    int32_t partition;
    const char *application_id;
    sf_state *state;
} sf_task_removal;

/* Rows of all stores, positions and times, in one batch. */
sf_status sf_task_remove(const sf_task_removal *removal, sf_error *err);

#endif
