/* pooled_command.h - one command on its way through the pool: what is asked, and who is told. */
#ifndef COMMAND_SERVICE_POOLED_COMMAND_H
#define COMMAND_SERVICE_POOLED_COMMAND_H

#include "postgres.h"

/* A statement, and one that must run before it. */
enum { POOLED_CALLS_MAX = 2 };

/* What a call of the command returned: rows of its own among those of a statement that others share. */
typedef struct pooled_result {
    const postgres_rows *rows; /* NULL: it was not run */
    int first;                 /* the first of its own */
    int count;                 /* how many there are; below 1: none */
    size_t call;               /* the pool's own: of the batch's */
} pooled_result;

/* The submitter's, until done is called. */
typedef struct pooled_command {
    postgres_call calls[POOLED_CALLS_MAX]; /* in their order; the last one is the command itself */
    size_t call_count;
    int64_t lock_order; /* tells the row that is locked from others; 0: none that exists already */
    bool may_repeat; /* running it twice is the same as once, whatever became of the first time */

    /* On a thread of the pool, once. Results are there only with POSTGRES_DONE, and for the call. */
    void (*done)(struct pooled_command *command, postgres_outcome outcome, const sf_error *err);
    pooled_result results[POOLED_CALLS_MAX]; /* one a call */

    struct pooled_command *next; /* the pool's own, as what follows */
    int64_t submitted_us;
} pooled_command;

/* Tells that it did not run; the command is gone afterwards. */
void pooled_command_refuse(pooled_command *command, postgres_outcome outcome, const sf_error *err);

#endif
