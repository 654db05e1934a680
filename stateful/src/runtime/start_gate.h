/* start_gate.h - lets a close wait for a start that is under way on another thread. Any thread. */
#ifndef SF_RUNTIME_START_GATE_H
#define SF_RUNTIME_START_GATE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct sf_start_gate {
    pthread_mutex_t lock;
    pthread_cond_t left;
    bool is_inside; /* a start */
    bool is_shut;
} sf_start_gate;

void sf_start_gate_init(sf_start_gate *gate);
void sf_start_gate_done(sf_start_gate *gate);

/* Before a start, and after it; false: it is shut, or another one is inside. */
bool sf_start_gate_enter(sf_start_gate *gate);
void sf_start_gate_leave(sf_start_gate *gate);

/* No start from now on; waits for the one that is inside, -1: without a limit. Whether none is. */
bool sf_start_gate_shut(sf_start_gate *gate, int64_t timeout_ms);

#endif
