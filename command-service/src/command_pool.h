/* command_pool.h - a few threads, each with a connection, that run commands against the database.
 *
 *   1 a command is one statement, or one behind a claim of its key; commands that wait at the same
 *     moment share a transaction and so one commit, though each is decided and answered for itself
 *   2 a statement does not raise for an expected refusal, so one command does not undo another; after
 *     an unexpected error each of the batch is run again alone
 *   3 rows that exist already are locked in the order of lock_order, so batches do not deadlock
 *   4 a command is answered once, after its transaction's end is known
 *   5 waiting is bounded: a full queue, or too long a wait in the queue refuse
 *   6 a database that does not answer is not waited for: a circuit breaker refuses at once. Threads go
 *     on connecting by themselves; the first answer closes the breaker
 *   7 while the breaker is closed commands are taken, whatever became of single connections meanwhile
 *
 * command_queue.h is where they wait, pool_worker.h who runs them, command_batch.h what shares a
 * transaction, database_watch.h when the breaker opens.
 */
#ifndef COMMAND_SERVICE_COMMAND_POOL_H
#define COMMAND_SERVICE_COMMAND_POOL_H

#include "command_queue.h"

struct command_pool;

typedef struct command_pool_options {
    postgres_options connection; /* texts are borrowed */
    const postgres_statement *statements;
    size_t statement_count;
    unsigned threads;    /* 0: 4 */
    size_t queue_max;    /* commands that may wait; 0: 1,024 */
    size_t batch_max;    /* commands that may share a transaction; 0: 64 */
    int64_t wait_max_ms; /* in the queue; 0: 5,000 */

    /* Called after each commit, on a thread of the pool. May be NULL. */
    void (*committed)(void *user);
    void *user;
} command_pool_options;

/* Starts the threads; they connect once the pool is opened. */
struct command_pool *command_pool_start(const command_pool_options *options);

/* The schema is there: from now on threads connect and prepare. Any thread. */
void command_pool_open(struct command_pool *pool);

/* POSTGRES_DONE: taken, done will be called. POSTGRES_BUSY: the queue is full. POSTGRES_AWAY: the
 * database is known not to answer. Any thread; never waits. */
postgres_outcome command_pool_submit(struct command_pool *pool, pooled_command *command);

/* How it stands. Any thread. */
command_queue_state command_pool_get_state(struct command_pool *pool);

/* Finishes what was taken, then ends. NULL is fine. */
void command_pool_stop(struct command_pool *pool);

#endif
