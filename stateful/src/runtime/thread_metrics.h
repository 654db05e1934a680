/* thread_metrics.h - what a stream thread tells of itself, and a copy of it for whoever asks. */
#ifndef SF_RUNTIME_THREAD_METRICS_H
#define SF_RUNTIME_THREAD_METRICS_H

#include <stateful/runtime_metrics.h>

#include "runtime/worker.h"

/* Everything lies in the arena. The stream thread's. */
void sf_thread_metrics_take(const sf_worker *worker, sf_arena *arena, sf_thread_metrics *metrics);

/* A copy that lies in the arena. Any thread, while nobody changes the original. */
void sf_thread_metrics_copy(const sf_thread_metrics *original, sf_arena *arena,
                            sf_thread_metrics *copy);

#endif
