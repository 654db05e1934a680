/* outbox.h - the events table as the relay sees it: what is to be published, and what has been.
 *
 * It has a connection of its own, whose session holds the lock that makes one relay of all instances
 * the active one; the lock goes with the connection. One thread.
 */
#ifndef COMMAND_SERVICE_OUTBOX_H
#define COMMAND_SERVICE_OUTBOX_H

#include "domain/event.h"
#include "postgres.h"

typedef struct outbox outbox;

outbox *outbox_new(const postgres_address *address);
void outbox_free(outbox *box); /* NULL is fine */

/* Connects where needed and asks for the lock: *is_leader whether it is held. SF_RETRY: the database
 * is away. */
sf_status outbox_lead(outbox *box, bool *is_leader, sf_error *err);

typedef enum outbox_state {
    OUTBOX_PENDING,
    OUTBOX_PUBLISHED,
    OUTBOX_FAILED, /* publishing it as it is can never go well */
} outbox_state;

/* A row to be published, and what became of it. */
typedef struct outbox_row {
    int64_t id;
    struct event event;
    outbox_state state;
    int32_t partition; /* where it was published */
    int64_t offset;
    char failure[200]; /* why it failed */
} outbox_row;

typedef struct outbox_batch {
    outbox_row *rows; /* by id; texts live as long as the batch */
    size_t count;
    postgres_rows *read;
} outbox_batch;

/* The first pending rows by id, at most max, without those of aggregates that have a failed row. */
sf_status outbox_read(outbox *box, size_t max, outbox_batch *batch, sf_error *err);
void outbox_batch_done(outbox_batch *batch);

/* Notes of the rows that are not pending any more what became of them. The aggregate of a failed one
 * is held from then on. */
sf_status outbox_mark(outbox *box, const outbox_batch *batch, sf_error *err);

/* What is not published. */
typedef struct outbox_backlog {
    int64_t pending;
    int64_t failed;
    int64_t oldest_age_ms; /* of the oldest pending one; 0 without any */
} outbox_backlog;
sf_status outbox_measure(outbox *box, outbox_backlog *backlog, sf_error *err);

/* Forgets the idempotency keys that are older than so many hours; the active relay does it. */
sf_status outbox_forget_keys(outbox *box, int64_t hours, sf_error *err);

#endif
