/* statements.h - the SQL of the commands: one data-modifying statement each.
 *
 *   1 state and event are written by the same statement, so both are there or neither
 *   2 an aggregate that exists is locked first, then changed; the event comes last, so that ids of
 *     one aggregate's events rise in commit order
 *   3 occurred_at is read from the clock behind the lock, in whole milliseconds, and never less than
 *     that of the aggregate's event before (of a new order: of the products it names)
 *   4 an expected refusal is a row that says why; nothing is raised, and no id is used up
 *   5 a statement that takes many commands decides each of them for itself
 *   6 a command with an idempotency key runs behind its claim, in one transaction: it does nothing when
 *     the key has a result already, and what it returns becomes the key's result if it went well
 *
 * In the comments: what the client asks for comes first, and a bar before what is ours. The last of
 * ours are always the event's headers or null, and the idempotency key or null.
 */
#ifndef COMMAND_SERVICE_STATEMENTS_H
#define COMMAND_SERVICE_STATEMENTS_H

#include "postgres.h"

enum {
    /* (takes many) key, fingerprint, hours that results are kept (the same for all) -> fingerprint and
     * result (null: none) now */
    STATEMENT_CLAIM_KEY,

    /* name, category, price | headers, key -> id, version */
    STATEMENT_CREATE_PRODUCT,

    /* id, name, category, price, expected version or null | headers, key
     * -> version found, version now or null; no row: no such product */
    STATEMENT_UPDATE_PRODUCT,

    /* id or null, name, e-mail or null | headers, key -> id, version; no row: the id is taken */
    STATEMENT_CREATE_CUSTOMER,

    /* id, name, e-mail or null, expected version or null | headers, key
     * -> version found, version now or null; no row: no such customer */
    STATEMENT_UPDATE_CUSTOMER,

    /* (takes many) customer, product ids, quantities, prices or nulls | price policy, largest total, customer policy,
     * headers, key
     * -> id or null, version, unknown lines "0,3" or null, first line with another price or null,
     *    that line's list price, prices of all lines "500.0,19.99", whether the customer will do */
    STATEMENT_CREATE_ORDER,

    /* id, status, expected version or null | statuses it may follow, headers, key
     * -> customer, status found, version found, version now or null, lines "1 2 500.0,2 1 19.99";
     *    no row: no such order */
    STATEMENT_CHANGE_STATUS,

    /* id -> event id, type, version, schema, occurred at in ms, payload, whether it is published; a row
     * an event */
    STATEMENT_READ_ORDER_EVENTS,

    STATEMENT_COUNT,
};

extern const postgres_statement command_statements[STATEMENT_COUNT];

#endif
