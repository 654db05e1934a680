/* envelope.h - what every event says about itself, whoever wrote it.
 *
 *     {"eventType":"OrderCreated","eventId":"…","aggregateId":1,"version":1,
 *      "occurredAt":"2026-02-27T09:15:00.120Z","schema":1,"payload":{…}}
 *
 * Only eventType and payload must be there: events of older writers have no more. Members may come
 * in any order, unknown ones are passed over.
 */
#ifndef QUERY_SERVICE_EVENTS_ENVELOPE_H
#define QUERY_SERVICE_EVENTS_ENVELOPE_H

#include <stateful/arena.h>
#include <stateful/bytes.h>
#include <stateful/error.h>

#include "service/json_reader.h"

/* When an event does not say when it occurred. */
#define EVENT_TIME_UNKNOWN (-1)

/* An event that claims to have occurred so long after its record was written is refused. */
#define EVENT_FUTURE_MAX_MS (5 * 60 * 1000)

typedef struct event_envelope {
    sf_bytes type;        /* eventType */
    int64_t aggregate_id; /* 0: not said */
    int64_t version;      /* of the aggregate, from 1; 0: not said */
    int64_t occurred_at;  /* ms since 1970 UTC, or EVENT_TIME_UNKNOWN */
} event_envelope;

/* Reads the payload, which is the next value of json, into event. */
typedef void (*event_payload_fn)(sf_json_reader *json, void *event);

/* Reads the whole event in one pass. SF_REJECT with a sentence that names the member. Any thread. */
sf_status event_envelope_read(sf_bytes wire, sf_arena *arena, event_payload_fn read_payload,
                              void *event, event_envelope *envelope, sf_error *err);

/* Checks that the payload's own id (0: missing) is the envelope's, if that has one. */
sf_status event_check_id(const event_envelope *envelope, int64_t payload_id, sf_error *err);

/* SF_REJECT for a type that events about such a noun ("product") do not have. */
sf_status event_reject_type(const event_envelope *envelope, const char *noun, sf_error *err);

/* Which of the two types it has; SF_REJECT for others. */
sf_status event_check_type(const event_envelope *envelope, const char *noun, const char *creation,
                           const char *change, bool *is_creation, sf_error *err);

/* Checks that the record's key is the id in decimal digits, since partitions, and with them state,
 * are chosen by the key. Any thread. */
sf_status event_check_key(sf_bytes key, int64_t id, sf_error *err);

/* The moment the event counts from: its own, or its record's if it has none. SF_REJECT
 * "future-timestamp" when it is too far ahead of its record; compared with the record and not with
 * now, so that a replay decides alike. Any thread. */
sf_status event_time(int64_t occurred_at, int64_t record_timestamp, int64_t *time_ms,
                     sf_error *err);

#endif
