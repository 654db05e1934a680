#include "runtime/stream_thread.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <stateful/log.h>

#include "base/memory.h"
#include "runtime/assignment.h"
#include "runtime/commit.h"
#include "runtime/recovery.h"
#include "runtime/round.h"
#include "runtime/thread_metrics.h"

enum {
    WAIT_MS = 100, /* punctuations by the wall clock are due at latest so often */
    RESTORE_WAIT_MS = 10,
    PICTURE_US = 100 * 1000, /* a busy thread pictures itself so often */
    PAUSED_MS = 20,          /* a paused one looks so often whether its group wants something */
    ANEW_FIRST_MS = 100,     /* before one that failed begins anew */
    ANEW_MOST_MS = 10 * 1000,
    ANEW_SLICE_MS = 50,
};

struct sf_stream_thread {
    sf_worker *worker;
    bool is_connected;
    bool has_drained; /* in the last round: see round.h */
    sf_thread_listener listener;
    pthread_t id;
    sf_wake_bell bell;
    sf_broker_call call;

    int64_t pictured_us; /* when it pictured itself */

    int64_t anew_pause_ms;      /* before the next time it begins anew */
    uint64_t commits_when_anew; /* that it had made when it last did */

    pthread_mutex_t lock; /* around what follows */
    sf_thread_view view;
    sf_arena *picture_memory;
    sf_thread_metrics picture;
};

sf_stream_thread *sf_stream_thread_new(const sf_worker_options *options,
                                       const sf_thread_listener *listener)
{
    sf_stream_thread *thread = sf_zalloc(sizeof(*thread));
    sf_worker_options own = *options;

    sf_wake_bell_init(&thread->bell);
    own.bell = &thread->bell;
    own.call = &thread->call;
    thread->worker = sf_worker_new(&own);
    thread->listener = *listener;
    pthread_mutex_init(&thread->lock, NULL);
    thread->picture_memory = sf_arena_new();
    thread->picture.number = options->number;
    return thread;
}

void sf_stream_thread_free(sf_stream_thread *thread)
{
    if (!thread)
        return;
    sf_worker_free(thread->worker);
    sf_wake_bell_done(&thread->bell);
    sf_arena_free(thread->picture_memory);
    pthread_mutex_destroy(&thread->lock);
    free(thread);
}

/* ---- what others see ---- */

static void fill_view(const sf_stream_thread *thread, sf_thread_view *view)
{
    const sf_worker *worker = thread->worker;

    view->is_running = thread->is_connected && sf_worker_is_running(worker);
    view->tasks = worker->task_count;
    view->tasks_running = 0;
    view->restore_remaining = 0;
    for (size_t i = 0; i < worker->task_count; i++) {
        view->tasks_running += worker->tasks[i]->state == SF_ACTIVE_RUNNING;
        view->restore_remaining += sf_restore_remaining(worker->tasks[i]);
    }
    view->counters = worker->counters;
    view->records = sf_worker_task_counters(worker);
}

const sf_worker *sf_stream_thread_worker(const sf_stream_thread *thread)
{
    return thread->worker;
}

const sf_broker_call *sf_stream_thread_call(const sf_stream_thread *thread)
{
    return &thread->call;
}

static void publish_view(sf_stream_thread *thread)
{
    sf_thread_view view = {0};
    bool has_changed, has_committed;

    fill_view(thread, &view);
    pthread_mutex_lock(&thread->lock);
    has_changed = view.is_running != thread->view.is_running;
    has_committed = view.counters.commits != thread->view.counters.commits;
    thread->view = view;
    pthread_mutex_unlock(&thread->lock);
    if (has_committed)
        thread->listener.committed(thread->listener.user);
    if (has_changed)
        thread->listener.changed(thread->listener.user);
}

static void publish_picture(sf_stream_thread *thread)
{
    thread->pictured_us = sf_worker_now_us(thread->worker);
    pthread_mutex_lock(&thread->lock);
    sf_arena_reset(thread->picture_memory);
    sf_thread_metrics_take(thread->worker, thread->picture_memory, &thread->picture);
    pthread_mutex_unlock(&thread->lock);
}

static bool picture_is_old(const sf_stream_thread *thread)
{
    int64_t now = sf_worker_now_us(thread->worker);

    return now - thread->pictured_us >= PICTURE_US;
}

void sf_stream_thread_metrics(sf_stream_thread *thread, sf_arena *arena, sf_thread_metrics *metrics)
{
    pthread_mutex_lock(&thread->lock);
    sf_thread_metrics_copy(&thread->picture, arena, metrics);
    pthread_mutex_unlock(&thread->lock);
}

static void publish_end(sf_stream_thread *thread, const sf_error *error)
{
    pthread_mutex_lock(&thread->lock);
    thread->view.is_running = false;
    thread->view.has_ended = true;
    thread->view.tasks = 0;
    thread->view.tasks_running = 0;
    thread->view.error = *error;
    thread->picture.is_running = false;
    thread->picture.has_ended = true;
    thread->picture.task_count = 0;
    pthread_mutex_unlock(&thread->lock);
    thread->listener.changed(thread->listener.user);
}

void sf_stream_thread_view(sf_stream_thread *thread, sf_thread_view *view)
{
    pthread_mutex_lock(&thread->lock);
    *view = thread->view;
    pthread_mutex_unlock(&thread->lock);
}

/* ---- the step ---- */

static sf_status connect(sf_stream_thread *thread, sf_error *err)
{
    sf_status status = sf_worker_connect(thread->worker, err);

    if (!status)
        status = sf_assignment_join(thread->worker, err);
    if (status)
        return status;
    thread->is_connected = true;
    return SF_OK;
}

/* Who sees what a commit made visible must see it counted, too: the view is published before. */
static sf_status run_round(sf_stream_thread *thread, bool *worked, sf_error *err)
{
    sf_round round = {0};
    sf_status status = sf_round_run(&round, thread->worker, err);

    *worked = round.worked;
    thread->has_drained = round.has_drained;
    if (status || !round.is_commit_due)
        return status;
    publish_view(thread);
    return sf_commit(thread->worker, err);
}

sf_status sf_stream_thread_step(sf_stream_thread *thread, bool *worked, sf_error *err)
{
    sf_error own = {0};
    sf_error *why = err ? err : &own;
    sf_status status = thread->is_connected ? SF_OK : connect(thread, why);

    *worked = false;
    if (!status)
        status = run_round(thread, worked, why);
    if (status)
        status = sf_recover(thread->worker, status, why);
    publish_view(thread);
    if (!*worked || picture_is_old(thread))
        publish_picture(thread);
    return status;
}

/* ---- waiting ---- */

static int32_t patience_ms(const sf_stream_thread *thread)
{
    const sf_worker *worker = thread->worker;
    int64_t left = (sf_worker_idle_wait_us(worker) + 999) / 1000;

    if (!sf_worker_has_uncommitted(worker))
        return WAIT_MS;
    return left < 1 ? 1 : left < WAIT_MS ? (int32_t)left : WAIT_MS;
}

static void pause_for(int64_t ms)
{
    const struct timespec time = {ms / 1000, (ms % 1000) * 1000000};

    (void)nanosleep(&time, NULL); /* shorter is as good */
}

void sf_stream_thread_wait(sf_stream_thread *thread)
{
    sf_worker *worker = thread->worker;

    if (!worker->consumer)
        return;
    if (sf_worker_is_paused(worker) && sf_worker_is_running(worker))
        pause_for(PAUSED_MS); /* the consumer would not wait, having records */
    else if (!thread->has_drained)
        pause_for(1); /* a task waits for one input while another is full: the same */
    else if (sf_worker_is_running(worker))
        sf_consumer_wait(worker->consumer, patience_ms(thread));
    else if (sf_restore_is_reading(worker->restore))
        sf_restore_wait(worker->restore, RESTORE_WAIT_MS);
    else
        sf_consumer_wait(worker->consumer, RESTORE_WAIT_MS);
}

/* ---- the end ---- */

sf_status sf_stream_thread_finish(sf_stream_thread *thread, bool failed, sf_error *err)
{
    sf_status status = SF_OK;

    if (!failed && sf_worker_has_uncommitted(thread->worker))
        status = sf_commit(thread->worker, err);
    publish_view(thread);
    publish_picture(thread);
    sf_worker_free(thread->worker);
    thread->worker = NULL;
    return status;
}

/* It was told to end while the broker was away: what was not committed is processed again, and that is
 * no failure. */
static void forgive_outage(const sf_stream_thread *thread, sf_error *error)
{
    if (!error->status || error->code != SF_CLOSED ||
        !atomic_load(thread->worker->options.stopping))
        return;
    sf_log(SF_LOG_WARN,
           "closed while the broker did not answer, the last records are processed again "
           "thread=%zu reason=\"%s\"",
           thread->worker->options.number, error->text);
    *error = (sf_error){0};
}

static void end(sf_stream_thread *thread, sf_error *error)
{
    sf_error last = {0};
    size_t number = thread->worker->options.number;
    bool has_failed = error->status != SF_OK;
    sf_status status;

    forgive_outage(thread, error);
    status = sf_stream_thread_finish(thread, has_failed, &last);
    if (status && !error->status)
        sf_log(SF_LOG_WARN,
               "last commit failed, its records are processed again thread=%zu "
               "reason=\"%s\"",
               number, last.text);
    if (error->status)
        sf_log(SF_LOG_ERROR, "stream thread stopped thread=%zu reason=\"%s\"", number, error->text);
    publish_end(thread, error);
}

/* For debuggers. */
static void name_self(size_t number)
{
    char name[16]; /* all that Linux keeps */

    snprintf(name, sizeof(name), "stream-%zu", number % 1000);
    (void)pthread_setname_np(pthread_self(), name);
}

static bool is_stopping(const sf_stream_thread *thread)
{
    return atomic_load(thread->worker->options.stopping);
}

static sf_status run_to_the_end(sf_stream_thread *thread, sf_error *error)
{
    sf_status status = SF_OK;

    while (!status && !is_stopping(thread)) {
        bool worked;

        status = sf_stream_thread_step(thread, &worked, error);
        if (!status && !worked && !is_stopping(thread))
            sf_stream_thread_wait(thread);
    }
    error->status = status;
    return status;
}

/* A failure that comes again at once must not make a busy loop. */
static void pause_before_anew(sf_stream_thread *thread)
{
    uint64_t commits = thread->worker->counters.commits;
    int64_t pause_ms = thread->anew_pause_ms * 2;

    if (!pause_ms || commits > thread->commits_when_anew)
        pause_ms = ANEW_FIRST_MS;
    thread->commits_when_anew = commits;
    thread->anew_pause_ms = pause_ms < ANEW_MOST_MS ? pause_ms : ANEW_MOST_MS;
    for (int64_t left = thread->anew_pause_ms; left > 0 && !is_stopping(thread);
         left -= ANEW_SLICE_MS)
        pause_for(left < ANEW_SLICE_MS ? left : ANEW_SLICE_MS);
}

static bool begins_anew(sf_stream_thread *thread, sf_error *error)
{
    size_t number = thread->worker->options.number;

    if (is_stopping(thread) || !thread->listener.failed(thread->listener.user, number, error))
        return false;
    sf_log(SF_LOG_ERROR, "stream thread begins anew thread=%zu reason=\"%s\"", number, error->text);
    sf_worker_begin_anew(thread->worker);
    thread->is_connected = false;
    *error = (sf_error){0};
    publish_view(thread);
    pause_before_anew(thread);
    return true;
}

static void *run(void *user)
{
    sf_stream_thread *thread = user;
    sf_error error = {0};

    name_self(thread->worker->options.number);
    while (run_to_the_end(thread, &error) && begins_anew(thread, &error))
        continue;
    end(thread, &error);
    return NULL;
}

sf_status sf_stream_thread_start(sf_stream_thread *thread, sf_error *err)
{
    int code = pthread_create(&thread->id, NULL, run, thread);

    if (code)
        return sf_fail(err, SF_IO, "cannot start a thread: %s", strerror(code));
    return SF_OK;
}

void sf_stream_thread_wake(sf_stream_thread *thread)
{
    sf_wake_bell_ring(&thread->bell);
}

bool sf_stream_thread_join(sf_stream_thread *thread, int64_t timeout_ms)
{
    struct timespec end;

    if (timeout_ms < 0)
        return pthread_join(thread->id, NULL) == 0;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += timeout_ms / 1000;
    end.tv_nsec += (timeout_ms % 1000) * 1000000;
    if (end.tv_nsec >= 1000000000) {
        end.tv_sec++;
        end.tv_nsec -= 1000000000;
    }
    return pthread_timedjoin_np(thread->id, NULL, &end) == 0;
}
