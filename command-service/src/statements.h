/* statements.h - the SQL of the commands: one data-modifying statement each.
 *
 *   1 state and event are written by the same statement, so both are there or neither
 *   2 an aggregate that exists is locked first, then changed; the event comes last, so that ids of
 *     one aggregate's events rise in commit order
 *   3 occurred_at is read from the clock behind the lock, in whole milliseconds, and never less than
 *     that of the aggregate's event before (of a new order: of the products it names)
 *   4 an expected refusal is a row that says why; nothing is raised, and no id is used up
 */
#ifndef COMMAND_SERVICE_STATEMENTS_H
#define COMMAND_SERVICE_STATEMENTS_H

#include "postgres.h"

enum {
    /* name, category, price, headers -> id, version */
    STATEMENT_CREATE_PRODUCT,

    /* id, name, category, price, expected version or null, headers
     * -> version found, version now or null; no row: no such product */
    STATEMENT_UPDATE_PRODUCT,

    /* customer, product ids, quantities, prices or nulls, policy, largest total, headers
     * -> id or null, version, unknown lines "0,3" or null, first line with another price or null,
     *    that line's list price, prices of all lines "500.0,19.99" */
    STATEMENT_CREATE_ORDER,

    /* id, status, statuses it may follow, expected version or null, headers
     * -> customer, status found, version found, version now or null, lines "1 2 500.0,2 1 19.99";
     *    no row: no such order */
    STATEMENT_CHANGE_STATUS,

    STATEMENT_COUNT,
};

extern const postgres_statement command_statements[STATEMENT_COUNT];

#endif
