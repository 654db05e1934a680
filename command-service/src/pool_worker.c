#include "pool_worker.h"

#include <stdlib.h>

#include <stateful/clock.h>
#include <stateful/log.h>

enum {
    LOOK_MS = 500,   /* an idle worker looks after its connection this often */
    QUIET_MS = 1000, /* and asks the server when it has not heard of it for so long */
    BACKOFF_LEAST_MS = 50,
    BACKOFF_MOST_MS = 1000,
};

static int64_t now_us(void)
{
    return sf_clock_monotonic_us(sf_clock_system());
}

/* ---- the connection ---- */

static bool connect_again(pool_worker *worker, sf_error *err)
{
    struct command_queue *queue = worker->options.queue;
    bool is_connected;

    command_queue_begin_call(queue, worker->options.number);
    is_connected = !postgres_connect(worker->connection, err);
    command_queue_end_connecting(queue, worker->options.number, is_connected);
    worker->answered_us = now_us();
    return is_connected;
}

static bool look_after_connection(pool_worker *worker)
{
    sf_error err = {0};

    if (postgres_is_connected(worker->connection) || connect_again(worker, &err)) {
        worker->backoff_ms = 0;
        return true;
    }
    if (!worker->backoff_ms && !worker->options.number)
        sf_log(SF_LOG_WARN, "cannot connect to the database, trying again reason=\"%s\"", err.text);
    worker->backoff_ms = worker->backoff_ms ? 2 * worker->backoff_ms : BACKOFF_LEAST_MS;
    if (worker->backoff_ms > BACKOFF_MOST_MS)
        worker->backoff_ms = BACKOFF_MOST_MS;
    return false;
}

/* ---- commands ---- */

/* Runs a batch, or an empty one that only asks whether the server answers. */
static postgres_outcome run(pool_worker *worker, command_batch *batch, sf_error *err)
{
    const pool_worker_options *options = &worker->options;
    postgres_outcome outcome;

    command_queue_begin_call(options->queue, options->number);
    outcome = command_batch_run(batch, worker->connection, err);
    command_queue_end_call(options->queue, options->number, outcome, err);
    worker->answered_us = now_us();
    if (outcome == POSTGRES_DONE && batch->count && options->committed)
        options->committed(options->user);
    return outcome;
}

/* On a new connection; err is that of the first time, and stays when nothing better is known. */
static postgres_outcome run_again(pool_worker *worker, command_batch *batch, sf_error *err)
{
    sf_error again = {0};
    postgres_outcome outcome;

    if (!connect_again(worker, &again))
        return POSTGRES_AWAY;
    outcome = run(worker, batch, &again);
    if (outcome != POSTGRES_DONE && err->status != SF_RETRY)
        return POSTGRES_AWAY;
    *err = again;
    return outcome;
}

/* As often as it may be done; the outcome is that of those that are left in the batch. */
static postgres_outcome run_to_the_end(pool_worker *worker, command_batch *batch, sf_error *err)
{
    postgres_outcome outcome = run(worker, batch, err);

    if (outcome != POSTGRES_AWAY)
        return outcome;
    if (err->status != SF_RETRY)
        command_batch_keep_repeatable(batch, err);
    return batch->count ? run_again(worker, batch, err) : outcome;
}

static void run_alone(pool_worker *worker, pooled_command *command)
{
    command_batch one = {.commands = &command, .count = 1, .calls = &worker->calls};
    sf_error err = {0};
    postgres_outcome outcome = run_to_the_end(worker, &one, &err);

    command_batch_finish(&one, outcome, &err);
}

static void run_together(pool_worker *worker)
{
    command_batch *batch = &worker->batch;
    sf_error err = {0};
    postgres_outcome outcome = run_to_the_end(worker, batch, &err);

    if (outcome == POSTGRES_DONE || outcome == POSTGRES_AWAY || batch->count == 1) {
        command_batch_finish(batch, outcome, &err);
        return;
    }
    for (size_t i = 0; i < batch->count; i++)
        run_alone(worker, batch->commands[i]);
    batch->count = 0;
}

static void answer_batch(pool_worker *worker)
{
    command_batch_refuse_late(&worker->batch, now_us() - worker->options.wait_max_ms * 1000);
    command_batch_sort(&worker->batch);
    if (worker->batch.count)
        run_together(worker);
}

static void ask_when_quiet(pool_worker *worker)
{
    sf_error err = {0};

    if (worker->answered_us < now_us() - QUIET_MS * 1000)
        (void)run(worker, &worker->batch, &err); /* what it says, the queue knows */
}

/* ---- the thread ---- */

static bool serve(pool_worker *worker)
{
    const pool_worker_options *options = &worker->options;
    command_batch *batch = &worker->batch;

    if (!look_after_connection(worker))
        return command_queue_pause(options->queue, worker->backoff_ms);
    if (!command_queue_take(options->queue, batch, options->batch_max, LOOK_MS))
        return false;
    if (batch->count) {
        answer_batch(worker);
        command_queue_end_commands(options->queue);
    } else {
        ask_when_quiet(worker);
    }
    return true;
}

static void *worker_main(void *argument)
{
    pool_worker *worker = argument;

    command_queue_wait_until_open(worker->options.queue);
    while (serve(worker))
        ;
    command_queue_leave(worker->options.queue, worker->options.number);
    return NULL;
}

void pool_worker_start(pool_worker *worker, const pool_worker_options *options)
{
    *worker = (pool_worker){
        .options = *options,
        .connection =
            postgres_new(options->connection, options->statements, options->statement_count),
    };
    shared_calls_init(&worker->calls, options->statements, options->batch_max);
    command_batch_init(&worker->batch, &worker->calls, options->batch_max);
    if (pthread_create(&worker->thread, NULL, worker_main, worker)) {
        sf_log(SF_LOG_ERROR, "cannot start a thread for commands");
        abort();
    }
}

void pool_worker_join(pool_worker *worker)
{
    pthread_join(worker->thread, NULL);
    postgres_free(worker->connection);
    command_batch_done(&worker->batch);
    shared_calls_done(&worker->calls);
}
