#include "command_pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include <stateful/clock.h>
#include <stateful/log.h>

#include "base/memory.h"

enum {
    THREADS = 4,
    QUEUE_MAX = 1024,
    BATCH_MAX = 64,
    WAIT_MAX_MS = 5000,
    LOOK_MS = 500, /* an idle thread looks after its connection this often */
    BACKOFF_LEAST_MS = 50,
    BACKOFF_MOST_MS = 1000,
    FAILURES_MAX = 3,  /* calls in a row that were lost: the server is held to be away */
    SILENCE_MS = 3000, /* a call without an answer: alike; longer than any wait for a lock */
};

struct worker {
    struct command_pool *pool;
    postgres *connection;
    pthread_t thread;
    bool is_connected;      /* as counted in the pool */
    int64_t asked_since_us; /* a call under way; 0: none. Guarded by the pool's mutex */
    int64_t backoff_ms;
    pooled_command **batch; /* room for batch_max */
    postgres_call *calls;   /* room for those of the batch */
};

struct command_pool {
    command_pool_options options;
    struct worker *workers;

    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    pooled_command *first;
    pooled_command **last; /* where the next one is hung */
    size_t waiting;
    circuit_breaker breaker;
    unsigned connected; /* workers with a connection */
    unsigned idle;      /* workers that wait for a command */
    bool is_open;
    bool is_stopping;
};

static int64_t now_us(void)
{
    return sf_clock_monotonic_us(sf_clock_system());
}

static void wait_on_condition(struct command_pool *pool, int64_t ms)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_cond_timedwait(&pool->changed, &pool->mutex, &until);
}

/* Takes commands off the queue, a fair share of what waits; the mutex is held. */
static size_t take(struct command_pool *pool, pooled_command **batch)
{
    size_t share = pool->waiting / (pool->idle + 1) + 1, count = 0;

    if (share > pool->options.batch_max)
        share = pool->options.batch_max;
    while (pool->first && count < share) {
        batch[count++] = pool->first;
        pool->first = pool->first->next;
    }
    if (!pool->first)
        pool->last = &pool->first;
    pool->waiting -= count;
    return count;
}

/* Waits for commands; 0 now and then, and for good once the pool stops and nothing waits. */
static size_t wait_for_batch(struct worker *worker, bool *is_over)
{
    struct command_pool *pool = worker->pool;
    size_t count;

    pthread_mutex_lock(&pool->mutex);
    if (!pool->first && !pool->is_stopping) {
        pool->idle++;
        wait_on_condition(pool, LOOK_MS);
        pool->idle--;
    }
    count = take(pool, worker->batch);
    *is_over = pool->is_stopping && !pool->first;
    pthread_mutex_unlock(&pool->mutex);
    return count;
}

static void finish(pooled_command *command, postgres_outcome outcome, const sf_error *err)
{
    postgres_rows *rows[POOLED_CALLS_MAX];
    size_t count = command->call_count;

    for (size_t i = 0; i < count; i++)
        rows[i] = command->calls[i].rows;
    command->done(command, outcome, err); /* the command is gone afterwards */
    for (size_t i = 0; i < count; i++)
        postgres_rows_free(rows[i]);
}

static void finish_all(pooled_command **batch, size_t count, postgres_outcome outcome,
                       const sf_error *err)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < batch[i]->call_count; k++)
            batch[i]->calls[k].rows = NULL;
        finish(batch[i], outcome, err);
    }
}

static size_t statement_of(const pooled_command *command)
{
    return command->calls[command->call_count - 1].statement;
}

static bool goes_before(const pooled_command *one, const pooled_command *other)
{
    return statement_of(one) < statement_of(other) ||
           (statement_of(one) == statement_of(other) && one->lock_order < other->lock_order);
}

/* Stable, so that commands on one aggregate keep their order; batches are small. */
static void sort_by_locks(pooled_command **batch, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        pooled_command *moved = batch[i];
        size_t to = i;

        while (to > 0 && goes_before(moved, batch[to - 1])) {
            batch[to] = batch[to - 1];
            to--;
        }
        batch[to] = moved;
    }
}

/* Answers those that waited too long: their clients are about to give up, or have. */
static size_t refuse_late(struct command_pool *pool, pooled_command **batch, size_t count)
{
    int64_t oldest_us = now_us() - pool->options.wait_max_ms * 1000;
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        sf_error err = {.status = SF_RETRY, .code = SF_TIMED_OUT, .text = "waited too long"};

        if (batch[i]->submitted_us < oldest_us)
            finish_all(&batch[i], 1, POSTGRES_BUSY, &err);
        else
            batch[kept++] = batch[i];
    }
    return kept;
}

static void tell_committed(const struct command_pool *pool)
{
    if (pool->options.committed)
        pool->options.committed(pool->options.user);
}

/* ---- the breaker; the mutex is held ---- */

static void log_breaker(const struct command_pool *pool)
{
    bool is_closed = circuit_breaker_allows(&pool->breaker);

    if (!pool->is_stopping)
        sf_log(is_closed ? SF_LOG_INFO : SF_LOG_WARN, "database is %s",
               is_closed ? "connected" : "away, commands are refused until it answers");
}

static void note_outcome(struct command_pool *pool, postgres_outcome outcome)
{
    if (outcome == POSTGRES_AWAY ? circuit_breaker_note_failure(&pool->breaker)
                                 : circuit_breaker_note_answer(&pool->breaker))
        log_breaker(pool);
}

/* A call without an answer for too long opens the breaker. Returns the commands that wait behind it:
 * they are to be refused once the mutex is free. */
static pooled_command *look_for_silence(struct command_pool *pool)
{
    int64_t oldest_us = now_us() - SILENCE_MS * 1000;
    pooled_command *waiting = NULL;

    for (unsigned i = 0; i < pool->options.threads; i++) {
        int64_t asked_since_us = pool->workers[i].asked_since_us;

        if (!asked_since_us || asked_since_us > oldest_us ||
            !circuit_breaker_note_silence(&pool->breaker))
            continue;
        log_breaker(pool);
        waiting = pool->first;
        pool->first = NULL;
        pool->last = &pool->first;
        pool->waiting = 0;
    }
    return waiting;
}

static void refuse_as_away(pooled_command *first)
{
    while (first) {
        sf_error err = {.status = SF_RETRY, .code = SF_CLOSED, .text = "PostgreSQL is silent"};
        pooled_command *refused = first;

        first = first->next;
        finish_all(&refused, 1, POSTGRES_AWAY, &err);
    }
}

static void begin_call(struct worker *worker)
{
    pthread_mutex_lock(&worker->pool->mutex);
    worker->asked_since_us = now_us();
    pthread_mutex_unlock(&worker->pool->mutex);
}

static void end_call(struct worker *worker, postgres_outcome outcome)
{
    pthread_mutex_lock(&worker->pool->mutex);
    worker->asked_since_us = 0;
    note_outcome(worker->pool, outcome);
    pthread_mutex_unlock(&worker->pool->mutex);
}

/* Runs commands in one transaction; true when they are answered. */
static bool run_together(struct worker *worker, pooled_command **batch, size_t count)
{
    sf_error err = {0};
    postgres_outcome outcome;
    size_t call_count = 0;

    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < batch[i]->call_count; k++)
            worker->calls[call_count++] = batch[i]->calls[k];
    begin_call(worker);
    outcome = postgres_run(worker->connection, worker->calls, call_count, &err);
    end_call(worker, outcome);
    if (outcome != POSTGRES_DONE && outcome != POSTGRES_AWAY && count > 1)
        return false;
    if (outcome == POSTGRES_DONE)
        tell_committed(worker->pool);
    call_count = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < batch[i]->call_count; k++)
            batch[i]->calls[k].rows = worker->calls[call_count++].rows;
        finish(batch[i], outcome, &err);
    }
    return true;
}

static void run_batch(struct worker *worker, size_t count)
{
    pooled_command **batch = worker->batch;

    count = refuse_late(worker->pool, batch, count);
    sort_by_locks(batch, count);
    if (!count || run_together(worker, batch, count))
        return;
    for (size_t i = 0; i < count; i++)
        (void)run_together(worker, &batch[i], 1);
}

static void note_connected(struct worker *worker, bool is_connected)
{
    struct command_pool *pool = worker->pool;

    if (worker->is_connected == is_connected)
        return;
    worker->is_connected = is_connected;
    pthread_mutex_lock(&pool->mutex);
    pool->connected += is_connected ? 1 : (unsigned)-1;
    if (is_connected ? circuit_breaker_note_answer(&pool->breaker)
                     : !pool->connected && circuit_breaker_note_silence(&pool->breaker))
        log_breaker(pool);
    pthread_mutex_unlock(&pool->mutex);
}

static void log_first_failure(struct worker *worker, const sf_error *err)
{
    if (!worker->backoff_ms && worker == worker->pool->workers)
        sf_log(SF_LOG_WARN, "cannot connect to the database, trying again reason=\"%s\"",
               err->text);
}

static void note_trial(struct command_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    (void)circuit_breaker_note_trial(&pool->breaker); /* said when it comes to something */
    pthread_mutex_unlock(&pool->mutex);
}

/* Does not count while others are connected. */
static void note_failed_trial(struct command_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    if (!circuit_breaker_allows(&pool->breaker))
        (void)circuit_breaker_note_failure(&pool->breaker);
    pthread_mutex_unlock(&pool->mutex);
}

/* Tries to have a connection; waits a while if it cannot be had. */
static bool look_after_connection(struct worker *worker)
{
    sf_error err = {0};
    bool is_connected = postgres_is_connected(worker->connection);

    if (!is_connected) {
        note_connected(worker, false);
        note_trial(worker->pool);
        is_connected = !postgres_connect(worker->connection, &err);
        if (!is_connected)
            note_failed_trial(worker->pool);
    }
    note_connected(worker, is_connected);
    if (is_connected) {
        worker->backoff_ms = 0;
        return true;
    }
    log_first_failure(worker, &err);
    worker->backoff_ms = worker->backoff_ms ? 2 * worker->backoff_ms : BACKOFF_LEAST_MS;
    if (worker->backoff_ms > BACKOFF_MOST_MS)
        worker->backoff_ms = BACKOFF_MOST_MS;
    return false;
}

/* Commands that were taken while there was a connection, and now no thread has one. */
static void refuse_waiting(struct worker *worker)
{
    struct command_pool *pool = worker->pool;
    sf_error err = {.status = SF_RETRY, .code = SF_CLOSED, .text = "PostgreSQL is away"};
    size_t count = 0;

    pthread_mutex_lock(&pool->mutex);
    if (!circuit_breaker_allows(&pool->breaker))
        count = take(pool, worker->batch);
    pthread_mutex_unlock(&pool->mutex);
    finish_all(worker->batch, count, POSTGRES_AWAY, &err);
}

static bool wait_to_connect(struct worker *worker)
{
    struct command_pool *pool = worker->pool;
    int64_t until_us = now_us() + worker->backoff_ms * 1000;
    bool is_over;

    refuse_waiting(worker);
    pthread_mutex_lock(&pool->mutex);
    while (!pool->is_stopping && now_us() < until_us)
        wait_on_condition(pool, (until_us - now_us()) / 1000 + 1);
    is_over = pool->is_stopping && (!pool->first || pool->connected);
    pthread_mutex_unlock(&pool->mutex);
    return is_over;
}

static void wait_until_open(struct command_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    while (!pool->is_open && !pool->is_stopping)
        pthread_cond_wait(&pool->changed, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
}

static void *worker_main(void *argument)
{
    struct worker *worker = argument;
    bool is_over = false;

    wait_until_open(worker->pool);
    while (!is_over) {
        if (look_after_connection(worker))
            run_batch(worker, wait_for_batch(worker, &is_over));
        else
            is_over = wait_to_connect(worker);
    }
    note_connected(worker, false);
    return NULL;
}

static void start_worker(struct command_pool *pool, struct worker *worker)
{
    const command_pool_options *options = &pool->options;

    worker->pool = pool;
    worker->connection =
        postgres_new(&options->connection, options->statements, options->statement_count);
    worker->batch = sf_alloc(options->batch_max * sizeof(*worker->batch));
    worker->calls = sf_alloc(POOLED_CALLS_MAX * options->batch_max * sizeof(*worker->calls));
    if (pthread_create(&worker->thread, NULL, worker_main, worker)) {
        sf_log(SF_LOG_ERROR, "cannot start a thread for commands");
        abort();
    }
}

struct command_pool *command_pool_start(const command_pool_options *options)
{
    struct command_pool *pool = sf_zalloc(sizeof(*pool));
    pthread_condattr_t monotonic;

    pool->options = *options;
    pool->options.threads = options->threads ? options->threads : THREADS;
    pool->options.queue_max = options->queue_max ? options->queue_max : QUEUE_MAX;
    pool->options.batch_max = options->batch_max ? options->batch_max : BATCH_MAX;
    pool->options.wait_max_ms = options->wait_max_ms ? options->wait_max_ms : WAIT_MAX_MS;
    pool->last = &pool->first;
    circuit_breaker_init(&pool->breaker, FAILURES_MAX);
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&pool->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pool->workers = sf_zalloc(pool->options.threads * sizeof(*pool->workers));
    for (unsigned i = 0; i < pool->options.threads; i++)
        start_worker(pool, &pool->workers[i]);
    return pool;
}

void command_pool_open(struct command_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    pool->is_open = true;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->mutex);
}

postgres_outcome command_pool_submit(struct command_pool *pool, pooled_command *command)
{
    postgres_outcome outcome = POSTGRES_DONE;
    pooled_command *refused;

    command->next = NULL;
    command->submitted_us = now_us();
    pthread_mutex_lock(&pool->mutex);
    refused = look_for_silence(pool);
    if (!circuit_breaker_allows(&pool->breaker) || pool->is_stopping) {
        outcome = POSTGRES_AWAY;
    } else if (pool->waiting >= pool->options.queue_max) {
        outcome = POSTGRES_BUSY;
    } else {
        *pool->last = command;
        pool->last = &command->next;
        pool->waiting++;
        if (pool->idle)
            pthread_cond_signal(&pool->changed);
    }
    pthread_mutex_unlock(&pool->mutex);
    refuse_as_away(refused);
    return outcome;
}

command_pool_state command_pool_get_state(struct command_pool *pool)
{
    command_pool_state state;
    pooled_command *refused;

    pthread_mutex_lock(&pool->mutex);
    refused = look_for_silence(pool);
    state = (command_pool_state){
        .circuit = pool->breaker.state,
        .connected = pool->connected,
        .idle = pool->idle,
        .waiting = pool->waiting,
    };
    pthread_mutex_unlock(&pool->mutex);
    refuse_as_away(refused);
    return state;
}

void command_pool_stop(struct command_pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->mutex);
    pool->is_stopping = true;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->mutex);
    for (unsigned i = 0; i < pool->options.threads; i++) {
        pthread_join(pool->workers[i].thread, NULL);
        postgres_free(pool->workers[i].connection);
        free(pool->workers[i].batch);
        free(pool->workers[i].calls);
    }
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->mutex);
    free(pool->workers);
    free(pool);
}
