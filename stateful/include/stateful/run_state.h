/* run_state.h - what an application is about.
 *
 *   CREATED -> REBALANCING <-> RUNNING -> PENDING_SHUTDOWN -> NOT_RUNNING
 *                   |             |
 *                   +-----> ERROR <
 */
#ifndef STATEFUL_RUN_STATE_H
#define STATEFUL_RUN_STATE_H

#ifdef __cplusplus
extern "C" {
#endif

/* Where an application stands. */
typedef enum sf_run_state {
    SF_STREAMS_CREATED,          /* not started */
    SF_STREAMS_REBALANCING,      /* tasks are assigned or their state is restored */
    SF_STREAMS_RUNNING,          /* all tasks process records, all stores can be read */
    SF_STREAMS_PENDING_SHUTDOWN, /* the last commit is made */
    SF_STREAMS_NOT_RUNNING,      /* closed */
    SF_STREAMS_ERROR,            /* a thread had to stop: see sf_streams_error */
} sf_run_state;

/* "RUNNING"; a constant. Any thread. */
const char *sf_run_state_name(sf_run_state state);

/* Called for each change of state, on the thread that made it, which must not call back into the
 * application but for its state, error and counters. */
typedef void (*sf_state_fn)(void *user, sf_run_state now, sf_run_state before);

#ifdef __cplusplus
}
#endif

#endif
