/* stream_thread.h - the loop: poll, take up, process, punctuate, commit.
 *
 * It is a step that somebody calls: a real thread (_start), a test, a simulator. Nothing in a step
 * waits for records.
 */
#ifndef SF_RUNTIME_STREAM_THREAD_H
#define SF_RUNTIME_STREAM_THREAD_H

#include "runtime/worker.h"

typedef struct sf_stream_thread sf_stream_thread;

/* What others may know of a thread. */
typedef struct sf_thread_view {
    bool is_running; /* it has joined and all its tasks run */
    bool has_ended;
    sf_error error; /* status SF_OK: none */
    size_t tasks;
    size_t tasks_running;
    uint64_t restore_remaining;
    sf_worker_counters counters;
    sf_task_counters records; /* of all its tasks so far */
} sf_thread_view;

/* Called on the thread when is_running or has_ended of its view changed, or when it has committed. */
typedef void (*sf_thread_changed_fn)(void *user);

/* Called on the thread when it has failed for good: whether it is to begin anew. */
typedef bool (*sf_thread_failed_fn)(void *user, size_t number, const sf_error *error);

typedef struct sf_thread_listener {
    sf_thread_changed_fn changed;
    sf_thread_changed_fn committed;
    sf_thread_failed_fn failed; /* of threads that run by themselves */
    void *user;
} sf_thread_listener;

sf_stream_thread *sf_stream_thread_new(const sf_worker_options *options,
                                       const sf_thread_listener *listener);
void sf_stream_thread_free(sf_stream_thread *thread); /* after its end, or unstarted */

/* One round. *worked = false: wait before the next. A failure returned is the end; others are dealt
 * with inside. The first one connects. */
sf_status sf_stream_thread_step(sf_stream_thread *thread, bool *worked, sf_error *err);

/* Until records may have come or something is due. */
void sf_stream_thread_wait(sf_stream_thread *thread);

/* The last commit, then everything is let go; failed: without that commit. After it only _view and
 * _free. */
sf_status sf_stream_thread_finish(sf_stream_thread *thread, bool failed, sf_error *err);

/* A thread of its own that steps until options.stopping is set, then finishes. */
sf_status sf_stream_thread_start(sf_stream_thread *thread, sf_error *err);

/* After options.stopping was set: ends a wait. Any thread. */
void sf_stream_thread_wake(sf_stream_thread *thread);

/* Waits for the end of a started thread, at most so long (-1: no limit); whether it came, then not to
 * be called again. */
bool sf_stream_thread_join(sf_stream_thread *thread, int64_t timeout_ms);

/* The latest picture of itself, copied into the arena. Any thread. */
void sf_stream_thread_metrics(sf_stream_thread *thread, sf_arena *arena,
                              sf_thread_metrics *metrics);

/* Its inside, between steps: for the simulator and tests. */
const sf_worker *sf_stream_thread_worker(const sf_stream_thread *thread);

/* What it waits for, until its end. */
const sf_broker_call *sf_stream_thread_call(const sf_stream_thread *thread);

/* Any thread. */
void sf_stream_thread_view(sf_stream_thread *thread, sf_thread_view *view);

#endif
