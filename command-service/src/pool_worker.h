/* pool_worker.h - a thread with a connection: takes commands off the queue, runs and answers them.
 *
 *   1 it looks after its connection while it is idle, and makes a new one by itself; now and then it
 *     asks whether the server still answers
 *   2 commands whose connection turned out to be lost are run again, once, on a new connection, if
 *     surely nothing happened, or if it does no harm; else they are answered "nobody knows"
 *   3 after an unexpected error in a transaction of several, each is run alone
 */
#ifndef COMMAND_SERVICE_POOL_WORKER_H
#define COMMAND_SERVICE_POOL_WORKER_H

#include <pthread.h>

#include "command_queue.h"

typedef struct pool_worker_options {
    struct command_queue *queue;
    unsigned number; /* in the queue */
    const postgres_options *connection;
    const postgres_statement *statements;
    size_t statement_count;
    size_t batch_max;    /* commands that may share a transaction */
    int64_t wait_max_ms; /* in the queue */
    void (*committed)(void *user);
    void *user;
} pool_worker_options;

typedef struct pool_worker {
    pool_worker_options options;
    postgres *connection;
    shared_calls calls;
    command_batch batch;
    int64_t backoff_ms; /* until it tries to connect again; 0: the last attempt went well */
    int64_t answered_us;
    pthread_t thread;
} pool_worker;

/* Starts the thread; it connects once the queue is open. */
void pool_worker_start(pool_worker *worker, const pool_worker_options *options);

/* Waits for its end, which comes when the queue was stopped and is empty. */
void pool_worker_join(pool_worker *worker);

#endif
