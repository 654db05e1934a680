#include "outbox_statements.h"

/* Any number will do, as long as nobody else locks it: "ecomrel2" in ASCII. Relays before migration 006
 * had another: they hold theirs and get nothing done. */
#define LOCK "7305805536386444338"

/* No more rows are looked at than are asked for, whatever is passed over; and of these only the first
 * few that have enough events together are joined. A row's events are neighbours, so they are had by one
 * descent into their index. */
static const char read_pending[] =
    "SELECT entry.position, cardinality(entry.events), e.id, e.event_id, e.event_type,"
    "       e.aggregate_type, e.aggregate_id, e.version, e.schema,"
    "       (date_part('epoch', e.occurred_at) * 1000)::bigint, e.payload, e.headers,"
    "       (SELECT EXISTS (SELECT FROM outbox_stopped))"
    "           AND EXISTS (SELECT FROM outbox_stopped s WHERE s.aggregate_type = e.aggregate_type"
    "                          AND s.aggregate_id = e.aggregate_id AND s.id < e.id)"
    "  FROM (SELECT position, events,"
    "               sum(cardinality(events)) OVER (ORDER BY position) - cardinality(events)"
    "                   AS events_before"
    "          FROM (SELECT * FROM (SELECT position, events FROM outbox WHERE position < 0"
    "                                ORDER BY position LIMIT $2::bigint) again"
    "                UNION ALL"
    "                SELECT * FROM (SELECT position, events FROM outbox"
    "                                WHERE position >= $1::bigint AND position >= 0"
    "                                ORDER BY position LIMIT $2::bigint) new) first"
    "         WHERE position NOT IN (SELECT unnest($3::bigint[]))) entry"
    "  LEFT JOIN LATERAL ("
    "       SELECT * FROM events"
    "        WHERE id BETWEEN entry.events[1] AND entry.events[cardinality(entry.events)]"
    "          AND (id = entry.events[1 + id - entry.events[1]] OR id = ANY (entry.events))) e"
    "    ON true"
    " WHERE entry.events_before < $4::bigint"
    " ORDER BY entry.position, e.id";

const postgres_statement outbox_statements[OUTBOX_STATEMENT_COUNT] = {
    [OUTBOX_LEAD] = {.name = "lead", .sql = "SELECT pg_try_advisory_lock(" LOCK ")"},
    [OUTBOX_READ] = {.name = "read_pending", .sql = read_pending},
    [OUTBOX_TAKE_OFF] = {.name = "take_off",
                         .sql =
                             "DELETE FROM outbox"
                             " USING unnest($1::bigint[], $2::integer[]) AS done (position, count)"
                             " WHERE outbox.position = done.position"
                             "   AND cardinality(outbox.events) = done.count"},
    [OUTBOX_KEEP] = {.name = "keep_some",
                     .sql = "UPDATE outbox SET events = rest.events"
                            "  FROM (SELECT position, count, array_agg(id ORDER BY id) AS events"
                            "          FROM unnest($1::bigint[], $2::integer[], $3::bigint[])"
                            "               AS one (position, count, id)"
                            "         GROUP BY position, count) rest"
                            " WHERE outbox.position = rest.position"
                            "   AND cardinality(outbox.events) = rest.count"},
    [OUTBOX_NOTE] = {.name = "note_publication",
                     .sql = "INSERT INTO publications (events, partitions, offsets)"
                            " VALUES ($1::bigint[], $2::integer[], $3::bigint[])"},
    [OUTBOX_STOP] = {.name = "stop_events",
                     .sql =
                         "INSERT INTO outbox_stopped (id, aggregate_type, aggregate_id, failure)"
                         " SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[])"
                         " ON CONFLICT (id) DO NOTHING"},
    [OUTBOX_RELEASE] =
        {.name = "release_held",
         .sql = "WITH freed AS ("
                "    DELETE FROM outbox_stopped held"
                "     WHERE failure IS NULL"
                "       AND NOT EXISTS (SELECT FROM outbox_stopped failed"
                "                        WHERE failed.failure IS NOT NULL"
                "                          AND failed.aggregate_type = held.aggregate_type"
                "                          AND failed.aggregate_id = held.aggregate_id)"
                "    RETURNING id)"
                "SELECT enter_again(array_agg(id)) FROM freed HAVING count(*) > 0"},
    [OUTBOX_MEASURE] =
        {.name = "measure_backlog",
         .sql = "SELECT coalesce(sum(cardinality(events)), 0)::bigint"
                "         + (SELECT count(*) FROM outbox_stopped WHERE failure IS NULL),"
                "       (SELECT count(*) FROM outbox_stopped WHERE failure IS NOT NULL),"
                "       (SELECT (1000 * greatest(0, extract(epoch FROM"
                "                    clock_timestamp() - min(occurred_at))))::bigint"
                "          FROM events WHERE id IN ("
                "              (SELECT events[1] FROM outbox WHERE position < 0"
                "                ORDER BY position LIMIT 1),"
                "              (SELECT events[1] FROM outbox WHERE position >= $1::bigint"
                "                  AND position >= 0 ORDER BY position LIMIT 1),"
                "              (SELECT id FROM outbox_stopped WHERE failure IS NULL"
                "                ORDER BY id LIMIT 1)))"
                "  FROM outbox WHERE position < 0 OR (position >= $1::bigint AND position >= 0)"},
    [OUTBOX_LAST] = {.name = "last_event",
                     .sql = "SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END"
                            "  FROM events_id_seq"},
    [OUTBOX_WRITERS] = {.name = "writers",
                        .sql = "SELECT array_agg(DISTINCT virtualtransaction) FROM pg_locks"
                               " WHERE locktype = 'relation' AND mode = 'RowExclusiveLock'"
                               "   AND relation = 'events'::regclass"
                               "   AND database = (SELECT oid FROM pg_database"
                               "                    WHERE datname = current_database())"},
    /* A prepared transaction has another name than before it was prepared. */
    [OUTBOX_STILL_WRITING] =
        {.name = "still_writing",
         .sql =
             "SELECT EXISTS (SELECT FROM pg_locks"
             " WHERE locktype = 'relation' AND mode = 'RowExclusiveLock'"
             "   AND relation = 'events'::regclass"
             "   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
             "   AND (virtualtransaction = ANY ($1::text[]) OR virtualtransaction LIKE '-1/%'))"},
    [OUTBOX_FORGET_KEYS] = {.name = "forget_keys",
                            .sql = "DELETE FROM idempotency_keys"
                                   " WHERE created_at < clock_timestamp() - $1::interval"},
};
