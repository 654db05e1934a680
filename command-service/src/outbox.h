/* outbox.h - the outbox as the relay sees it: what is to be published, and what has been. The tables and
 * their invariants are those of sql/006_outbox.sql.
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

typedef enum outbox_leadership {
    OUTBOX_STANDS_BY,
    OUTBOX_LEADS_ANEW, /* since this call */
    OUTBOX_LEADS,
} outbox_leadership;

/* Connects where needed and asks for the lock: *leadership whether it is held. SF_RETRY: the database
 * is away. */
sf_status outbox_lead(outbox *box, outbox_leadership *leadership, sf_error *err);

typedef enum outbox_state {
    OUTBOX_PENDING,
    OUTBOX_PUBLISHED,
    OUTBOX_FAILED, /* publishing it as it is can never go well */
    OUTBOX_HELD,   /* it stands behind one that has failed */
    OUTBOX_GONE,   /* somebody has deleted it: there is nothing to publish */
} outbox_state;

/* An event that was to be published, and what became of it. Only pending ones are. */
typedef struct outbox_row {
    int64_t id;
    struct event event;
    outbox_state state;
    int32_t partition; /* where it was published */
    int64_t offset;
    char failure[200]; /* why it failed */
} outbox_row;

/* A row of the outbox: events that were entered together. */
typedef struct outbox_entry {
    int64_t position;
    int64_t events; /* so many it names; some may not be there any more */
    size_t first;   /* in the batch's rows */
    size_t count;
} outbox_entry;

typedef struct outbox_batch {
    outbox_row *rows; /* in the order to publish them; texts live as long as the batch */
    size_t count;
    outbox_entry *entries;
    size_t entry_count;
    bool is_full; /* there may be more */
    postgres_rows *read;
} outbox_batch;

/* Notes what became of a batch that was sent, and reads the next one, leaving out one that is under way:
 * begun by the first, and had by the second, so that the database works meanwhile; nothing else is asked
 * in between. What is pending still in the batch that was sent, comes again. Both batches may be empty. */
sf_status outbox_begin_turn(outbox *box, const outbox_batch *sent, const outbox_batch *under_way,
                            sf_error *err);
sf_status outbox_end_turn(outbox *box, outbox_batch *next, sf_error *err);

/* Only notes it. */
sf_status outbox_note(outbox *box, const outbox_batch *sent, sf_error *err);

void outbox_batch_done(outbox_batch *batch); /* empties it */

/* What is not published. */
typedef struct outbox_backlog {
    int64_t pending; /* those that are held, too */
    int64_t failed;
    int64_t oldest_age_ms; /* of the oldest pending one; 0 without any */
} outbox_backlog;
sf_status outbox_measure(outbox *box, outbox_backlog *backlog, sf_error *err);

/* What the active relay does every second or so: sets free what waits behind an event that was published
 * after all, and finds out where reading may begin. */
sf_status outbox_look_after(outbox *box, sf_error *err);

/* Forgets the idempotency keys that are older than so many hours; the active relay does it. */
sf_status outbox_forget_keys(outbox *box, int64_t hours, sf_error *err);

#endif
