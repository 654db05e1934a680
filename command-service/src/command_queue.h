/* command_queue.h - where commands wait for a worker, and where submitters and workers meet: the one
 * lock of the pool, over the queue and over what the workers see of the database.
 *
 *   1 nobody waits while the database is known to be away: commands are refused, those that wait too
 *   2 waiting is bounded: a full queue refuses
 *   3 a worker takes a fair share of what waits, so that others who are idle have some too; but a few
 *     commands are left, for a moment, to a worker that is busy: together they cost less than apart
 *   4 commands are answered outside the lock
 *
 * Any thread, unless it says otherwise.
 */
#ifndef COMMAND_SERVICE_COMMAND_QUEUE_H
#define COMMAND_SERVICE_COMMAND_QUEUE_H

#include "circuit_breaker.h"
#include "command_batch.h"
#include "pooled_command.h"

struct command_queue;

struct command_queue *command_queue_new(size_t waiting_max, unsigned worker_count);
void command_queue_free(struct command_queue *queue);

/* Workers may begin. */
void command_queue_open(struct command_queue *queue);

/* No more commands; workers end when none waits. */
void command_queue_stop(struct command_queue *queue);

/* POSTGRES_DONE: it waits. POSTGRES_BUSY: the queue is full. POSTGRES_AWAY: the database is. */
postgres_outcome command_queue_put(struct command_queue *queue, pooled_command *command);

typedef struct command_queue_state {
    circuit_state circuit; /* closed: commands are taken */
    unsigned connected;    /* workers with a connection */
    unsigned idle;         /* those of them that wait for a command */
    size_t waiting;        /* commands in the queue */
} command_queue_state;
command_queue_state command_queue_get_state(struct command_queue *queue);

/* ---- workers; a worker is named by its number ---- */

/* Returns once the queue is open, or stops. */
void command_queue_wait_until_open(struct command_queue *queue);

/* Waits for commands up to wait_ms and takes up to commands_max of them. False: none is left, and none
 * will come. */
bool command_queue_take(struct command_queue *queue, command_batch *batch, size_t commands_max,
                        int64_t wait_ms);

/* Those that were taken have been answered. */
void command_queue_end_commands(struct command_queue *queue);

/* A worker without a connection waits before it tries again. False: there is nothing left for it. */
bool command_queue_pause(struct command_queue *queue, int64_t wait_ms);

/* As in database_watch.h. */
void command_queue_begin_call(struct command_queue *queue, unsigned worker);
void command_queue_end_call(struct command_queue *queue, unsigned worker, postgres_outcome outcome,
                            const sf_error *err);
void command_queue_end_connecting(struct command_queue *queue, unsigned worker, bool is_connected);
void command_queue_leave(struct command_queue *queue, unsigned worker);

#endif
