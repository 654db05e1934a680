#include "runtime/call_watch.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/timed_condition.h"

enum { LOOK_MOST_MS = 1000, LOOK_LEAST_MS = 10 };

struct sf_call_watch {
    sf_call_watch_options options;
    pthread_t id;
    bool has_thread;

    pthread_mutex_t lock; /* around what follows */
    pthread_cond_t changed;
    bool is_stopping;
};

sf_call_watch *sf_call_watch_new(const sf_call_watch_options *options)
{
    sf_call_watch *watch = sf_zalloc(sizeof(*watch));
    const sf_broker_call **calls = sf_realloc_array(NULL, options->count + 1, sizeof(calls[0]));

    for (size_t i = 0; i < options->count; i++)
        calls[i] = options->calls[i];
    watch->options = *options;
    watch->options.calls = calls;
    pthread_mutex_init(&watch->lock, NULL);
    sf_timed_condition_init(&watch->changed);
    return watch;
}

static void stop(sf_call_watch *watch)
{
    pthread_mutex_lock(&watch->lock);
    watch->is_stopping = true;
    pthread_cond_signal(&watch->changed);
    pthread_mutex_unlock(&watch->lock);
    if (watch->has_thread)
        (void)pthread_join(watch->id, NULL); /* it was told to end */
}

void sf_call_watch_free(sf_call_watch *watch)
{
    if (!watch)
        return;
    stop(watch);
    pthread_cond_destroy(&watch->changed);
    pthread_mutex_destroy(&watch->lock);
    free((void *)watch->options.calls);
    free(watch);
}

/* Four looks within the limit find what is over it soon enough. */
static int64_t look_ms(const sf_call_watch *watch)
{
    int64_t quarter = watch->options.limit_ms / 4;

    if (quarter > LOOK_MOST_MS)
        return LOOK_MOST_MS;
    return quarter < LOOK_LEAST_MS ? LOOK_LEAST_MS : quarter;
}

static bool wait_for_turn(sf_call_watch *watch)
{
    struct timespec end = sf_moment_in_ms(look_ms(watch));
    bool goes_on;

    pthread_mutex_lock(&watch->lock);
    while (!watch->is_stopping && !pthread_cond_timedwait(&watch->changed, &watch->lock, &end))
        continue;
    goes_on = !watch->is_stopping;
    pthread_mutex_unlock(&watch->lock);
    return goes_on;
}

/* Whether one was found, and told. */
static bool look(const sf_call_watch *watch)
{
    const sf_call_watch_options *options = &watch->options;

    for (size_t i = 0; i < options->count; i++) {
        const char *name = NULL;
        int64_t ms = sf_broker_call_ms(options->calls[i], options->clock, &name);
        sf_error error;

        if (ms < options->limit_ms)
            continue;
        (void)sf_fail_with(&error, SF_STOP, SF_TIMED_OUT,
                           "given up after %" PRId64 " ms: stream thread %zu still waits for the "
                           "broker to %s",
                           ms, i, name);
        options->failed(options->user, &error);
        return true;
    }
    return false;
}

static void *run(void *user)
{
    sf_call_watch *watch = user;

    (void)pthread_setname_np(pthread_self(), "call-watch"); /* for debuggers */
    while (wait_for_turn(watch) && !look(watch))
        continue;
    return NULL;
}

sf_status sf_call_watch_start(sf_call_watch *watch, sf_error *err)
{
    int code = pthread_create(&watch->id, NULL, run, watch);

    if (code)
        return sf_fail(err, SF_IO, "cannot start a thread: %s", strerror(code));
    watch->has_thread = true;
    return SF_OK;
}
