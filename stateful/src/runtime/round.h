/* round.h - once round the loop: serve the group, take tasks up, poll, process, punctuate; then it says
 * whether a commit is due. The stream thread's. */
#ifndef SF_RUNTIME_ROUND_H
#define SF_RUNTIME_ROUND_H

#include "runtime/worker.h"

/* What came of it; zero before. */
typedef struct sf_round {
    bool worked;      /* records were processed, or a task got further */
    bool has_drained; /* nothing that has arrived is left unprocessed */
    bool is_commit_due;
} sf_round;

/* Waits for nothing. A failure is the reaction to be taken. */
sf_status sf_round_run(sf_round *round, sf_worker *worker, sf_error *err);

#endif
