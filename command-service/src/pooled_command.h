/* pooled_command.h - one command on its way through the pool: what is asked, and who is told. */
#ifndef COMMAND_SERVICE_POOLED_COMMAND_H
#define COMMAND_SERVICE_POOLED_COMMAND_H

#include "postgres.h"

/* A statement, and one that must run before it. */
enum { POOLED_CALLS_MAX = 2 };

/* The submitter's, until done is called. */
typedef struct pooled_command {
    postgres_call calls[POOLED_CALLS_MAX]; /* in their order; the last one is the command itself */
    size_t call_count;
    int64_t lock_order; /* tells the row that is locked from others; 0: none that exists already */
    bool may_repeat; /* running it twice is the same as once, whatever became of the first time */

    /* On a thread of the pool, once. The rows are the pool's; only with POSTGRES_DONE. */
    void (*done)(struct pooled_command *command, postgres_outcome outcome, const sf_error *err);

    struct pooled_command *next; /* the pool's own, as what follows */
    int64_t submitted_us;
} pooled_command;

/* Tells what came of it, and frees the rows of its calls; the command is gone afterwards. */
void pooled_command_finish(pooled_command *command, postgres_outcome outcome, const sf_error *err);

/* Tells that it did not run. */
void pooled_command_refuse(pooled_command *command, postgres_outcome outcome, const sf_error *err);

#endif
