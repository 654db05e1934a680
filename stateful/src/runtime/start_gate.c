#include "runtime/start_gate.h"

#include <time.h>

#include "base/timed_condition.h"

void sf_start_gate_init(sf_start_gate *gate)
{
    *gate = (sf_start_gate){.is_inside = false};
    pthread_mutex_init(&gate->lock, NULL);
    sf_timed_condition_init(&gate->left);
}

void sf_start_gate_done(sf_start_gate *gate)
{
    pthread_cond_destroy(&gate->left);
    pthread_mutex_destroy(&gate->lock);
}

bool sf_start_gate_enter(sf_start_gate *gate)
{
    bool may;

    pthread_mutex_lock(&gate->lock);
    may = !gate->is_shut && !gate->is_inside;
    gate->is_inside = gate->is_inside || may;
    pthread_mutex_unlock(&gate->lock);
    return may;
}

void sf_start_gate_leave(sf_start_gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->is_inside = false;
    pthread_cond_broadcast(&gate->left);
    pthread_mutex_unlock(&gate->lock);
}

bool sf_start_gate_shut(sf_start_gate *gate, int64_t timeout_ms)
{
    struct timespec end = sf_moment_in_ms(timeout_ms);
    int code = 0;
    bool is_empty;

    pthread_mutex_lock(&gate->lock);
    gate->is_shut = true;
    while (!code && gate->is_inside)
        code = timeout_ms < 0 ? pthread_cond_wait(&gate->left, &gate->lock)
                              : pthread_cond_timedwait(&gate->left, &gate->lock, &end);
    is_empty = !gate->is_inside;
    pthread_mutex_unlock(&gate->lock);
    return is_empty;
}
