/* start_positions.h - where a task begins to read, once its stores are restored. The stream thread's. */
#ifndef SF_RUNTIME_START_POSITIONS_H
#define SF_RUNTIME_START_POSITIONS_H

#include "runtime/worker.h"

/* Asks for the positions that the group committed, for all these tasks with one question. SF_RETRY while
 * the broker cannot say one of them yet (the open transaction of a predecessor); each try is short. */
sf_status sf_start_positions_ask(sf_worker *worker, sf_active_task *const *tasks, size_t count,
                                 sf_error *err);

/* Decides for each input of a restored task, of which it is known where it begins and ends; starts has one
 * entry an input. SF_STOP when a position was lost. */
sf_status sf_start_positions_decide(sf_worker *worker, sf_active_task *active,
                                    sf_task_start *starts, sf_error *err);

#endif
