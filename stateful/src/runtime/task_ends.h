/* task_ends.h - where the topics of tasks that are taken up begin and end. The stream thread's. */
#ifndef SF_RUNTIME_TASK_ENDS_H
#define SF_RUNTIME_TASK_ENDS_H

#include "runtime/active_task.h"

/* Asks for the inputs and changelogs of all these tasks with one question; to be called once they are owned
 * and their positions are known. SF_RETRY: call again. */
sf_status sf_task_ends_ask(sf_broker *broker, sf_active_task *const *tasks, size_t count,
                           sf_error *err);

/* Asks for one task's inputs again. */
sf_status sf_task_ends_ask_inputs(sf_broker *broker, sf_active_task *active, sf_error *err);

#endif
