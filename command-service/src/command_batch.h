/* command_batch.h - commands that share a transaction. */
#ifndef COMMAND_SERVICE_COMMAND_BATCH_H
#define COMMAND_SERVICE_COMMAND_BATCH_H

#include "shared_calls.h"

/* Its worker's; the commands in it are answered and taken out. */
typedef struct command_batch {
    pooled_command **commands; /* room for as many as may share a transaction */
    size_t count;
    shared_calls *calls; /* borrowed; those of all commands, while they run */
} command_batch;

void command_batch_init(command_batch *batch, shared_calls *calls, size_t commands_max);
void command_batch_done(command_batch *batch);

/* Those submitted before are answered with POSTGRES_BUSY: their clients are about to give up. */
void command_batch_refuse_late(command_batch *batch, int64_t submitted_before_us);

/* Puts them in the order in which rows are locked, so that batches do not deadlock; commands on one
 * row keep their order. */
void command_batch_sort(command_batch *batch);

/* Runs all in one transaction; nobody is answered yet. */
postgres_outcome command_batch_run(command_batch *batch, postgres *connection, sf_error *err);

/* Answers all alike; with POSTGRES_DONE each gets its rows. */
void command_batch_finish(command_batch *batch, postgres_outcome outcome, const sf_error *err);

/* Answers those that cannot be run again with POSTGRES_AWAY. */
void command_batch_keep_repeatable(command_batch *batch, const sf_error *err);

#endif
