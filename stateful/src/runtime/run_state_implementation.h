/* run_state_implementation.h - the state of an application as others see it: changed in one place, told to a
 * listener, waited for. Any thread. */
#ifndef SF_RUNTIME_RUN_STATE_IMPLEMENTATION_H
#define SF_RUNTIME_RUN_STATE_IMPLEMENTATION_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <stateful/error.h>
#include <stateful/run_state.h>

typedef struct sf_run_status {
    _Atomic sf_run_state state; /* changed under lock */
    sf_state_fn listener;
    void *listener_user;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_mutex_t error_lock; /* around error: a listener may ask for it */
    sf_error error;             /* the first one */
} sf_run_status;

void sf_run_status_init(sf_run_status *status);
void sf_run_status_done(sf_run_status *status);

/* Goes to that state if it may be reached from the present one; whether it did. */
bool sf_run_status_become(sf_run_status *status, sf_run_state state);

/* Keeps the error if it is the first. */
void sf_run_status_fail(sf_run_status *status, const sf_error *error);
bool sf_run_status_error(sf_run_status *status, sf_error *error);

bool sf_run_status_wait(sf_run_status *status, sf_run_state state, int64_t timeout_ms);

#endif
