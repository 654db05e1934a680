/* outbox_statements.h - the SQL of the relay, over the tables of sql/006_outbox.sql.
 *
 *   1 rows are read from a position on below which nothing is pending, and nothing will be: what was
 *     deleted in front of it and is not cleared away yet is not passed over again and again
 *   2 a row is taken off, or changed, only if it still has as many events as were read: an operator may
 *     have entered some again meanwhile
 */
#ifndef COMMAND_SERVICE_OUTBOX_STATEMENTS_H
#define COMMAND_SERVICE_OUTBOX_STATEMENTS_H

#include "postgres.h"

enum {
    /* -> t or f */
    OUTBOX_LEAD,

    /* first position, rows, positions to pass over, events
     * -> position, its number of events, event: id, event id, type, aggregate type and id, version, schema,
     *    occurred at in ms, payload, headers, whether an earlier one of its aggregate is stopped; a row an
     *    event, in the order of positions and ids. Without events that are not there any more; if none
     *    is, one row without an event */
    OUTBOX_READ,

    /* positions, their numbers of events */
    OUTBOX_TAKE_OFF,

    /* positions, their numbers of events, events that stay: a line an event */
    OUTBOX_KEEP,

    /* events, partitions, offsets */
    OUTBOX_NOTE,

    /* events, aggregate types, aggregate ids, failures or nulls */
    OUTBOX_STOP,

    /* Enters again what waits behind an event that has not failed any more. */
    OUTBOX_RELEASE,

    /* first position -> pending events, failed ones, age of the oldest pending one in ms */
    OUTBOX_MEASURE,

    /* -> the last event id that was drawn */
    OUTBOX_LAST,

    /* -> the transactions that write events, as an array of texts; null: none */
    OUTBOX_WRITERS,

    /* transactions -> whether one of them is not over yet */
    OUTBOX_STILL_WRITING,

    /* "48 hours" */
    OUTBOX_FORGET_KEYS,

    OUTBOX_STATEMENT_COUNT,
};

extern const postgres_statement outbox_statements[OUTBOX_STATEMENT_COUNT];

#endif
