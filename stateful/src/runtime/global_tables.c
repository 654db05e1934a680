/* global_tables.c - all topics that every instance has whole (one of them: global_feed.c), and the thread
 * that follows them. */
#include "runtime/global_tables.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <stateful/log.h>

#include "base/memory.h"
#include "runtime/global_feed.h"
#include "topology/topology_implementation.h"

enum { WAIT_MS = 100 };

struct sf_global_tables {
    sf_global_tables_options options;
    sf_consumer *consumer;
    sf_global_feed **feeds;
    size_t count;
    _Atomic uint64_t taken;
    pthread_t thread;
    bool has_thread;
};

/* ---- opening ---- */

static sf_status connect(sf_global_tables *tables, sf_error *err)
{
    sf_retry retry = sf_retry_begin(tables->options.retry);
    sf_status status;

    do
        status = sf_consumer_new(tables->options.broker, NULL, &tables->consumer, err);
    while (sf_retry_again(&retry, &status, err));
    return status;
}

static sf_status open_feed(sf_global_tables *tables, size_t global, sf_error *err)
{
    const sf_global_tables_options *options = &tables->options;

    return sf_global_feed_open(
        &(sf_global_feed_options){
            .store =
                {
                    .topology = options->topology,
                    .global = global,
                    .partitions = options->counts[options->topology->globals[global].source.topic],
                    .state = options->state,
                    .clock = options->clock,
                },
            .broker = options->broker,
            .consumer = tables->consumer,
            .retry = options->retry,
            .listener = options->listener,
        },
        &tables->feeds[global], err);
}

sf_status sf_global_tables_open(const sf_global_tables_options *options, sf_global_tables **tables,
                                sf_error *err)
{
    size_t count = options->topology->global_count;
    sf_global_tables *made = sf_zalloc(sizeof(*made));
    sf_status status;

    made->options = *options;
    made->feeds = sf_zalloc((count + 1) * sizeof(made->feeds[0]));
    status = connect(made, err);
    for (size_t i = 0; i < count && !status; i++) {
        status = open_feed(made, i, err);
        made->count += !status;
    }
    if (status)
        sf_global_tables_close(made);
    else
        *tables = made;
    return status;
}

void sf_global_tables_close(sf_global_tables *tables)
{
    if (!tables)
        return;
    sf_consumer_close(tables->consumer);
    for (size_t i = 0; i < tables->count; i++)
        sf_global_feed_close(tables->feeds[i]);
    free(tables->feeds);
    free(tables);
}

/* ---- the loop ---- */

sf_status sf_global_tables_step(sf_global_tables *tables, bool *worked, sf_error *err)
{
    sf_status status = SF_OK;

    *worked = false;
    for (size_t i = 0; i < tables->count && !status; i++) {
        uint64_t taken;

        status = sf_global_feed_step(tables->feeds[i], &taken, err);
        atomic_fetch_add(&tables->taken, taken);
        *worked = *worked || taken;
        if (!status && !taken)
            status = sf_global_feed_renew(tables->feeds[i], err);
    }
    return status;
}

void sf_global_tables_wait(sf_global_tables *tables)
{
    sf_consumer_wait(tables->consumer, WAIT_MS);
}

/* ---- restore ---- */

static bool are_whole(const sf_global_tables *tables)
{
    for (size_t i = 0; i < tables->count; i++)
        if (!sf_global_feed_is_whole(tables->feeds[i]))
            return false;
    return true;
}

/* Steps that do not get on are tried as often as the policy allows. */
static sf_status restore_step(sf_global_tables *tables, sf_retry *retry, sf_error *err)
{
    bool worked;
    sf_status status = sf_global_tables_step(tables, &worked, err);

    if (status)
        return status;
    if (worked) {
        *retry = sf_retry_begin(tables->options.retry);
        return SF_OK;
    }
    sf_global_tables_wait(tables);
    status = sf_fail_with(err, SF_RETRY, SF_TIMED_OUT, "nothing comes of the global tables");
    return sf_retry_again(retry, &status, err) ? SF_OK : status;
}

sf_status sf_global_tables_restore(sf_global_tables *tables, sf_error *err)
{
    sf_retry retry = sf_retry_begin(tables->options.retry);
    sf_status status = SF_OK;

    while (!status && !are_whole(tables)) {
        status = restore_step(tables, &retry, err);
        if (!status && atomic_load(tables->options.retry.stopping))
            status = sf_fail(err, SF_CLOSED, "closed while global tables were read");
    }
    for (size_t i = 0; i < tables->count && !status; i++)
        status = sf_global_feed_publish(tables->feeds[i], err);
    if (!status)
        sf_log(SF_LOG_INFO, "global tables restored tables=%zu records=%" PRIu64, tables->count,
               sf_global_tables_taken(tables));
    return status;
}

/* ---- the thread ---- */

static void *run(void *user)
{
    sf_global_tables *tables = user;
    const atomic_bool *stopping = tables->options.retry.stopping;
    sf_error error = {0};
    sf_status status = SF_OK;

    (void)pthread_setname_np(pthread_self(), "global-tables"); /* for debuggers */
    while (!status && !atomic_load(stopping)) {
        bool worked;

        status = sf_global_tables_step(tables, &worked, &error);
        if (!status && !worked && !atomic_load(stopping))
            sf_global_tables_wait(tables);
    }
    if (!status)
        return NULL;
    error.status = status;
    sf_log(SF_LOG_ERROR, "global tables stopped reason=\"%s\"", error.text);
    tables->options.failed(tables->options.user, &error);
    return NULL;
}

sf_status sf_global_tables_start(sf_global_tables *tables, sf_error *err)
{
    int code = pthread_create(&tables->thread, NULL, run, tables);

    if (code)
        return sf_fail(err, SF_IO, "cannot start a thread: %s", strerror(code));
    tables->has_thread = true;
    return SF_OK;
}

void sf_global_tables_wake(sf_global_tables *tables)
{
    sf_consumer_wake(tables->consumer);
}

static struct timespec in_a_while(int64_t ms)
{
    struct timespec end;

    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += ms / 1000;
    end.tv_nsec += (ms % 1000) * 1000000;
    if (end.tv_nsec >= 1000000000) {
        end.tv_sec++;
        end.tv_nsec -= 1000000000;
    }
    return end;
}

bool sf_global_tables_join(sf_global_tables *tables, int64_t timeout_ms)
{
    struct timespec end;

    if (!tables->has_thread)
        return true;
    if (timeout_ms < 0) {
        tables->has_thread = pthread_join(tables->thread, NULL) != 0;
    } else {
        end = in_a_while(timeout_ms);
        tables->has_thread = pthread_timedjoin_np(tables->thread, NULL, &end) != 0;
    }
    return !tables->has_thread;
}

uint64_t sf_global_tables_taken(const sf_global_tables *tables)
{
    return atomic_load(&tables->taken);
}
