/* pending.h - the SQL condition that an event is still to be published, for statements that ask it of a
 * few events: three looks into indexes. What stands in the tables says sql/006_outbox.sql.
 */
#ifndef COMMAND_SERVICE_PENDING_H
#define COMMAND_SERVICE_PENDING_H

/* id: an SQL expression without operators, of the event's id. */
#define EVENT_IS_PENDING(id)                                                              \
    "(EXISTS (SELECT FROM outbox WHERE position BETWEEN " id " AND (" id " | 1023)"       \
    "            AND " id " = ANY (events))"                                              \
    " OR EXISTS (SELECT FROM outbox WHERE position = (" id " | 1023) - (1::bigint << 62)" \
    "               AND " id " = ANY (events))"                                           \
    " OR EXISTS (SELECT FROM outbox_stopped WHERE outbox_stopped.id = " id "))"

#endif
