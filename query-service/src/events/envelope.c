#include "events/envelope.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/memory.h"

enum { SCHEMA = 1 };

/* In the order in which command-service writes them. */
enum { EVENT_TYPE, PAYLOAD, EVENT_ID, AGGREGATE_ID, VERSION, OCCURRED_AT, SCHEMA_NUMBER };

static const sf_json_member envelope_members[] = {
    [EVENT_TYPE] = SF_JSON_REQUIRED("eventType"), [PAYLOAD] = SF_JSON_REQUIRED("payload"),
    [EVENT_ID] = SF_JSON_OPTIONAL("eventId"),     [AGGREGATE_ID] = SF_JSON_OPTIONAL("aggregateId"),
    [VERSION] = SF_JSON_OPTIONAL("version"),      [OCCURRED_AT] = SF_JSON_OPTIONAL("occurredAt"),
    [SCHEMA_NUMBER] = SF_JSON_OPTIONAL("schema"),
};

/* A time as text, or as ms in a number. */
static void read_occurred_at(sf_json_reader *json, int64_t *occurred_at)
{
    int64_t time_ms;

    if (sf_json_peek(json) == SF_JSON_NUMBER) {
        (void)sf_json_read_integer(json, (sf_json_bounds){0, SF_JSON_ID_MAX}, occurred_at);
        return;
    }
    if (!sf_json_read_timestamp(json, &time_ms))
        return;
    if (time_ms < 0)
        sf_json_note(json, "must not be before 1970");
    else
        *occurred_at = time_ms;
}

/* null says the same as nothing. */
static void read_member(sf_json_reader *json, int member, event_envelope *envelope)
{
    int64_t schema;

    if (member != EVENT_TYPE && sf_json_read_null(json))
        return;
    if (member == EVENT_TYPE)
        (void)sf_json_read_text(json, (sf_json_bounds){1, 100}, &envelope->type);
    else if (member == AGGREGATE_ID)
        (void)sf_json_read_id(json, &envelope->aggregate_id);
    else if (member == VERSION)
        (void)sf_json_read_id(json, &envelope->version);
    else if (member == OCCURRED_AT)
        read_occurred_at(json, &envelope->occurred_at);
    else if (member == SCHEMA_NUMBER)
        (void)sf_json_read_integer(json, (sf_json_bounds){SCHEMA, SCHEMA}, &schema);
    else
        (void)sf_json_skip(json, NULL);
}

sf_status event_envelope_read(sf_bytes wire, sf_arena *arena, event_payload_fn read_payload,
                              void *event, event_envelope *envelope, sf_error *err)
{
    sf_json_reader json;
    sf_json_object object;
    int member;

    *envelope = (event_envelope){.occurred_at = EVENT_TIME_UNKNOWN};
    sf_json_reader_init(&json, wire, arena);
    sf_json_read_object(&json, &object, envelope_members, SF_ARRAY_LENGTH(envelope_members));
    while ((member = sf_json_next_member(&json, &object)) >= 0) {
        if (member == PAYLOAD)
            read_payload(&json, event);
        else
            read_member(&json, member, envelope);
    }
    return sf_json_read_end(&json, err);
}

sf_status event_check_id(const event_envelope *envelope, int64_t payload_id, sf_error *err)
{
    if (!payload_id)
        return sf_reject(err, "%.*s without an id in its payload", (int)envelope->type.size,
                         (const char *)envelope->type.data);
    if (envelope->aggregate_id && envelope->aggregate_id != payload_id)
        return sf_reject(err, "/aggregateId: is %" PRId64 ", but the payload's id is %" PRId64,
                         envelope->aggregate_id, payload_id);
    return SF_OK;
}

sf_status event_reject_type(const event_envelope *envelope, const char *noun, sf_error *err)
{
    return sf_reject(err, "/eventType: '%.*s' is not known among %s events",
                     (int)envelope->type.size, (const char *)envelope->type.data, noun);
}

sf_status event_check_type(const event_envelope *envelope, const char *noun, const char *creation,
                           const char *change, bool *is_creation, sf_error *err)
{
    *is_creation = sf_bytes_equal(envelope->type, sf_bytes_text(creation));
    if (*is_creation || sf_bytes_equal(envelope->type, sf_bytes_text(change)))
        return SF_OK;
    return event_reject_type(envelope, noun, err);
}

sf_status event_check_key(sf_bytes key, int64_t id, sf_error *err)
{
    char digits[24];
    int size = snprintf(digits, sizeof digits, "%" PRId64, id);

    if (sf_bytes_equal(key, sf_bytes_of(digits, (size_t)size)))
        return SF_OK;
    if (sf_bytes_is_null(key))
        return sf_reject(err, "the record has no key, but is about id %" PRId64, id);
    return sf_reject(err, "the record's key '%.*s' is not the event's id %" PRId64,
                     key.size < 100 ? (int)key.size : 100, (const char *)key.data, id);
}

sf_status event_time(int64_t occurred_at, int64_t record_timestamp, int64_t *time_ms, sf_error *err)
{
    if (occurred_at == EVENT_TIME_UNKNOWN) {
        *time_ms = record_timestamp;
        return SF_OK;
    }
    if (occurred_at - EVENT_FUTURE_MAX_MS > record_timestamp)
        return sf_reject(err,
                         "future-timestamp: occurredAt is %" PRId64 " ms after the record's time",
                         occurred_at - record_timestamp);
    *time_ms = occurred_at;
    return SF_OK;
}
