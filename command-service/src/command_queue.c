#include "command_queue.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include <stateful/clock.h>

#include "base/memory.h"
#include "base/timed_condition.h"
#include "database_watch.h"

enum {
    TOGETHER_MIN = 32, /* so many are worth a transaction of their own beside others */
    HOLD_US = 2000,    /* fewer wait so long for a worker that is about to come back */
};

struct command_queue {
    size_t waiting_max;

    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    pooled_command *first;
    pooled_command **last; /* where the next one is hung */
    size_t waiting;
    unsigned idle;    /* workers that wait for a command */
    unsigned running; /* those that have taken some */
    database_watch watch;
    bool is_open;
    bool is_stopping;
};

static int64_t now_us(void)
{
    return sf_clock_monotonic_us(sf_clock_system());
}

struct command_queue *command_queue_new(size_t waiting_max, unsigned worker_count)
{
    struct command_queue *queue = sf_zalloc(sizeof(*queue));

    queue->waiting_max = waiting_max;
    queue->last = &queue->first;
    database_watch_init(&queue->watch, worker_count);
    pthread_mutex_init(&queue->mutex, NULL);
    sf_timed_condition_init(&queue->changed);
    return queue;
}

void command_queue_free(struct command_queue *queue)
{
    database_watch_done(&queue->watch);
    pthread_cond_destroy(&queue->changed);
    pthread_mutex_destroy(&queue->mutex);
    free(queue);
}

/* ---- the lock is held ---- */

static void wait_on_condition(struct command_queue *queue, int64_t ms)
{
    struct timespec until = sf_moment_in_ms(ms);

    pthread_cond_timedwait(&queue->changed, &queue->mutex, &until);
}

/* Takes all that waits off the queue. */
static pooled_command *take_all(struct command_queue *queue)
{
    pooled_command *first = queue->first;

    queue->first = NULL;
    queue->last = &queue->first;
    queue->waiting = 0;
    return first;
}

/* What waits for a database that is away, to be refused once the lock is free. */
static pooled_command *take_refused(struct command_queue *queue)
{
    (void)database_watch_finds_silence(&queue->watch, now_us());
    return database_watch_allows(&queue->watch) ? NULL : take_all(queue);
}

/* Whether what waits is left to a worker that is busy now: then it shares one commit and one statement
 * with what comes meanwhile. A worker that is held up itself holds up nobody for long. */
static bool is_held(const struct command_queue *queue)
{
    return queue->first && queue->running && queue->waiting < TOGETHER_MIN && !queue->is_stopping &&
           now_us() - queue->first->submitted_us < HOLD_US;
}

static void take_share(struct command_queue *queue, command_batch *batch, size_t commands_max)
{
    size_t share = queue->waiting / (queue->idle + 1) + 1;

    if (share < TOGETHER_MIN)
        share = TOGETHER_MIN;
    if (share > commands_max)
        share = commands_max;
    while (queue->first && batch->count < share) {
        batch->commands[batch->count++] = queue->first;
        queue->first = queue->first->next;
        queue->waiting--;
    }
    if (!queue->first)
        queue->last = &queue->first;
}

/* ---- it is free again ---- */

static void refuse(pooled_command *first)
{
    while (first) {
        sf_error err = {.status = SF_RETRY, .code = SF_CLOSED, .text = "PostgreSQL is away"};
        pooled_command *refused = first;

        first = first->next;
        pooled_command_refuse(refused, POSTGRES_AWAY, &err);
    }
}

void command_queue_open(struct command_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->is_open = true;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->mutex);
}

void command_queue_stop(struct command_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->is_stopping = true;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->mutex);
}

postgres_outcome command_queue_put(struct command_queue *queue, pooled_command *command)
{
    postgres_outcome outcome = POSTGRES_DONE;
    pooled_command *refused;

    command->next = NULL;
    command->submitted_us = now_us();
    pthread_mutex_lock(&queue->mutex);
    refused = take_refused(queue);
    if (!database_watch_allows(&queue->watch) || queue->is_stopping) {
        outcome = POSTGRES_AWAY;
    } else if (queue->waiting >= queue->waiting_max) {
        outcome = POSTGRES_BUSY;
    } else {
        *queue->last = command;
        queue->last = &command->next;
        queue->waiting++;
        if (queue->idle && (!queue->running || queue->waiting == 1 || !is_held(queue)))
            pthread_cond_signal(&queue->changed);
    }
    pthread_mutex_unlock(&queue->mutex);
    refuse(refused);
    return outcome;
}

command_queue_state command_queue_get_state(struct command_queue *queue)
{
    command_queue_state state;
    pooled_command *refused;

    pthread_mutex_lock(&queue->mutex);
    refused = take_refused(queue);
    state = (command_queue_state){
        .circuit = queue->watch.breaker.state,
        .connected = queue->watch.connected,
        .idle = queue->idle,
        .waiting = queue->waiting,
    };
    pthread_mutex_unlock(&queue->mutex);
    refuse(refused);
    return state;
}

/* ---- workers ---- */

void command_queue_wait_until_open(struct command_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    while (!queue->is_open && !queue->is_stopping)
        pthread_cond_wait(&queue->changed, &queue->mutex);
    pthread_mutex_unlock(&queue->mutex);
}

static void wait_for_commands(struct command_queue *queue, int64_t wait_ms)
{
    queue->idle++;
    if (!queue->first && !queue->is_stopping)
        wait_on_condition(queue, wait_ms);
    while (is_held(queue))
        wait_on_condition(queue, 1);
    queue->idle--;
}

bool command_queue_take(struct command_queue *queue, command_batch *batch, size_t commands_max,
                        int64_t wait_ms)
{
    bool goes_on;

    pthread_mutex_lock(&queue->mutex);
    wait_for_commands(queue, wait_ms);
    take_share(queue, batch, commands_max);
    queue->running += batch->count > 0;
    goes_on = batch->count || !queue->is_stopping;
    pthread_mutex_unlock(&queue->mutex);
    return goes_on;
}

void command_queue_end_commands(struct command_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->running--;
    pthread_mutex_unlock(&queue->mutex);
}

bool command_queue_pause(struct command_queue *queue, int64_t wait_ms)
{
    int64_t until_us = now_us() + wait_ms * 1000;
    bool goes_on;

    pthread_mutex_lock(&queue->mutex);
    while (!queue->is_stopping && now_us() < until_us)
        wait_on_condition(queue, (until_us - now_us()) / 1000 + 1);
    goes_on = !queue->is_stopping || (queue->first && !queue->watch.connected);
    pthread_mutex_unlock(&queue->mutex);
    return goes_on;
}

void command_queue_begin_call(struct command_queue *queue, unsigned worker)
{
    pthread_mutex_lock(&queue->mutex);
    database_watch_begin(&queue->watch, worker, now_us());
    pthread_mutex_unlock(&queue->mutex);
}

void command_queue_end_call(struct command_queue *queue, unsigned worker, postgres_outcome outcome,
                            const sf_error *err)
{
    pthread_mutex_lock(&queue->mutex);
    database_watch_end(&queue->watch, worker, outcome, err);
    pthread_mutex_unlock(&queue->mutex);
}

void command_queue_end_connecting(struct command_queue *queue, unsigned worker, bool is_connected)
{
    pooled_command *refused;

    pthread_mutex_lock(&queue->mutex);
    database_watch_end_connecting(&queue->watch, worker, is_connected);
    refused = take_refused(queue);
    pthread_mutex_unlock(&queue->mutex);
    refuse(refused);
}

void command_queue_leave(struct command_queue *queue, unsigned worker)
{
    pthread_mutex_lock(&queue->mutex);
    database_watch_leave(&queue->watch, worker);
    pthread_mutex_unlock(&queue->mutex);
}
