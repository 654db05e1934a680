#include "runtime/run_state_implementation.h"

#include <time.h>

#include <stateful/log.h>

#include "base/timed_condition.h"

void sf_run_status_init(sf_run_status *status)
{
    atomic_init(&status->state, SF_STREAMS_CREATED);
    status->listener = NULL;
    status->listener_user = NULL;
    status->error = (sf_error){0};
    pthread_mutex_init(&status->lock, NULL);
    pthread_mutex_init(&status->error_lock, NULL);
    sf_timed_condition_init(&status->changed);
}

void sf_run_status_done(sf_run_status *status)
{
    pthread_cond_destroy(&status->changed);
    pthread_mutex_destroy(&status->lock);
    pthread_mutex_destroy(&status->error_lock);
}

static bool may_become(sf_run_state from, sf_run_state to)
{
    switch (to) {
    case SF_STREAMS_REBALANCING:
        return from == SF_STREAMS_CREATED || from == SF_STREAMS_RUNNING;
    case SF_STREAMS_RUNNING:
        return from == SF_STREAMS_REBALANCING;
    case SF_STREAMS_PENDING_SHUTDOWN:
        return from == SF_STREAMS_CREATED || from == SF_STREAMS_REBALANCING ||
               from == SF_STREAMS_RUNNING;
    case SF_STREAMS_NOT_RUNNING:
        return from == SF_STREAMS_PENDING_SHUTDOWN;
    case SF_STREAMS_ERROR:
        return from == SF_STREAMS_REBALANCING || from == SF_STREAMS_RUNNING ||
               from == SF_STREAMS_PENDING_SHUTDOWN;
    case SF_STREAMS_CREATED:
        break;
    }
    return false;
}

bool sf_run_status_become(sf_run_status *status, sf_run_state state)
{
    sf_run_state before;
    bool may;

    pthread_mutex_lock(&status->lock);
    before = atomic_load(&status->state);
    may = may_become(before, state);
    if (may) {
        atomic_store(&status->state, state);
        pthread_cond_broadcast(&status->changed);
        sf_log(SF_LOG_INFO, "application state changed state=%s before=%s",
               sf_run_state_name(state), sf_run_state_name(before));
        if (status->listener)
            status->listener(status->listener_user, state, before);
    }
    pthread_mutex_unlock(&status->lock);
    return may;
}

void sf_run_status_fail(sf_run_status *status, const sf_error *error)
{
    pthread_mutex_lock(&status->error_lock);
    if (!status->error.status)
        status->error = *error;
    pthread_mutex_unlock(&status->error_lock);
}

bool sf_run_status_error(sf_run_status *status, sf_error *error)
{
    bool has_failed;

    pthread_mutex_lock(&status->error_lock);
    has_failed = status->error.status != SF_OK;
    if (has_failed && error)
        *error = status->error;
    pthread_mutex_unlock(&status->error_lock);
    return has_failed;
}

/* Whether waiting for a state makes sense in this one: the last two are never left. */
static bool is_final(sf_run_state state)
{
    return state == SF_STREAMS_NOT_RUNNING || state == SF_STREAMS_ERROR;
}

bool sf_run_status_wait(sf_run_status *status, sf_run_state state, int64_t timeout_ms)
{
    struct timespec end = sf_moment_in_ms(timeout_ms);
    int code = 0;
    bool is_there;

    pthread_mutex_lock(&status->lock);
    while (!code && atomic_load(&status->state) != state && !is_final(atomic_load(&status->state)))
        code = timeout_ms < 0 ? pthread_cond_wait(&status->changed, &status->lock)
                              : pthread_cond_timedwait(&status->changed, &status->lock, &end);
    is_there = atomic_load(&status->state) == state;
    pthread_mutex_unlock(&status->lock);
    return is_there;
}

const char *sf_run_state_name(sf_run_state state)
{
    static const char *const names[] = {
        [SF_STREAMS_CREATED] = "CREATED",
        [SF_STREAMS_REBALANCING] = "REBALANCING",
        [SF_STREAMS_RUNNING] = "RUNNING",
        [SF_STREAMS_PENDING_SHUTDOWN] = "PENDING_SHUTDOWN",
        [SF_STREAMS_NOT_RUNNING] = "NOT_RUNNING",
        [SF_STREAMS_ERROR] = "ERROR",
    };

    return names[state];
}
