#include "command_pool.h"

#include <stdlib.h>

#include "base/memory.h"
#include "pool_worker.h"

enum {
    THREADS = 4,
    QUEUE_MAX = 1024,
    BATCH_MAX = 64,
    WAIT_MAX_MS = 5000,
};

struct command_pool {
    postgres_options connection;
    struct command_queue *queue;
    pool_worker *workers;
    unsigned worker_count;
};

struct command_pool *command_pool_start(const command_pool_options *options)
{
    struct command_pool *pool = sf_zalloc(sizeof(*pool));
    pool_worker_options each = {
        .connection = &pool->connection,
        .statements = options->statements,
        .statement_count = options->statement_count,
        .batch_max = options->batch_max ? options->batch_max : BATCH_MAX,
        .wait_max_ms = options->wait_max_ms ? options->wait_max_ms : WAIT_MAX_MS,
        .committed = options->committed,
        .user = options->user,
    };

    pool->connection = options->connection;
    pool->worker_count = options->threads ? options->threads : THREADS;
    pool->workers = sf_zalloc(pool->worker_count * sizeof(*pool->workers));
    pool->queue =
        command_queue_new(options->queue_max ? options->queue_max : QUEUE_MAX, pool->worker_count);
    each.queue = pool->queue;
    for (each.number = 0; each.number < pool->worker_count; each.number++)
        pool_worker_start(&pool->workers[each.number], &each);
    return pool;
}

void command_pool_open(struct command_pool *pool)
{
    command_queue_open(pool->queue);
}

postgres_outcome command_pool_submit(struct command_pool *pool, pooled_command *command)
{
    return command_queue_put(pool->queue, command);
}

command_queue_state command_pool_get_state(struct command_pool *pool)
{
    return command_queue_get_state(pool->queue);
}

void command_pool_stop(struct command_pool *pool)
{
    if (!pool)
        return;
    command_queue_stop(pool->queue);
    for (unsigned i = 0; i < pool->worker_count; i++)
        pool_worker_join(&pool->workers[i]);
    command_queue_free(pool->queue);
    free(pool->workers);
    free(pool);
}
