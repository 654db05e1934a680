#include "domain/event.h"

#include <string.h>

#include "base/memory.h"
#include "service/json_reader.h"
#include "service/json_writer.h"
#include "service/timestamp.h"

/* CloudEvents' name for each type we ever write. */
static const struct {
    const char *event_type;
    const char *cloud_type;
} types[] = {
    {"ProductCreated", "com.example.ecommerce.product.created"},
    {"ProductUpdated", "com.example.ecommerce.product.updated"},
    {"CustomerCreated", "com.example.ecommerce.customer.created"},
    {"CustomerUpdated", "com.example.ecommerce.customer.updated"},
    {"OrderCreated", "com.example.ecommerce.order.created"},
    {"OrderStatusUpdated", "com.example.ecommerce.order.status-updated"},
};

static const char *cloud_type(const char *event_type)
{
    for (size_t i = 0; i < SF_ARRAY_LENGTH(types); i++)
        if (!strcmp(types[i].event_type, event_type))
            return types[i].cloud_type;
    return event_type;
}

static sf_bytes envelope(const struct event *event, sf_arena *arena)
{
    sf_buffer text = SF_BUFFER_EMPTY;
    sf_json_writer json;
    sf_bytes value;

    sf_json_writer_init(&json, &text);
    sf_json_write_object(&json, NULL);
    sf_json_write_text(&json, "eventType", event->event_type);
    sf_json_write_raw(&json, "payload", event->payload);
    sf_json_write_text(&json, "eventId", event->event_id);
    sf_json_write_integer(&json, "aggregateId", event->aggregate_id);
    sf_json_write_integer(&json, "version", event->version);
    sf_json_write_timestamp(&json, "occurredAt", event->occurred_at_ms);
    sf_json_write_integer(&json, "schema", event->schema);
    sf_json_write_end_object(&json);
    value = sf_arena_copy(arena, sf_buffer_bytes(&text));
    sf_buffer_done(&text);
    return value;
}

enum { CLOUD_HEADERS = 8 };

enum { TRACEPARENT, TRACESTATE, CORRELATION_ID, CAUSATION_ID, ORIGIN_HEADERS };

static const sf_json_member origin_members[ORIGIN_HEADERS] = {
    [TRACEPARENT] = SF_JSON_OPTIONAL("traceparent"),
    [TRACESTATE] = SF_JSON_OPTIONAL("tracestate"),
    [CORRELATION_ID] = SF_JSON_OPTIONAL("correlationid"),
    [CAUSATION_ID] = SF_JSON_OPTIONAL("causationid"),
};

/* Appends what event_headers_json wrote; what is not ours is left out. */
static size_t add_origin(sf_bytes stored, sf_header *headers, sf_arena *arena)
{
    sf_json_reader json;
    sf_json_object object;
    size_t count = 0;
    int member;

    if (sf_bytes_is_null(stored))
        return 0;
    sf_json_reader_init(&json, stored, arena);
    sf_json_read_object(&json, &object, origin_members, ORIGIN_HEADERS);
    while ((member = sf_json_next_member(&json, &object)) >= 0)
        if (sf_json_read_text(&json, (sf_json_bounds){0, 1000}, &headers[count].value))
            headers[count++].name = origin_members[member].name;
    return count;
}

static sf_bytes text_in(sf_arena *arena, const char *text)
{
    return sf_arena_copy(arena, sf_bytes_text(text));
}

static sf_headers all_headers(const struct event *event, sf_bytes key, sf_arena *arena)
{
    sf_header *headers = sf_arena_alloc(arena, (CLOUD_HEADERS + ORIGIN_HEADERS) * sizeof(*headers));
    char time[SF_TIMESTAMP_TEXT_SIZE];
    size_t count = 0;

    sf_timestamp_format(event->occurred_at_ms, time);
    headers[count++] = (sf_header){"content-type", sf_bytes_text("application/json")};
    headers[count++] = (sf_header){"ce_specversion", sf_bytes_text("1.0")};
    headers[count++] = (sf_header){"ce_id", text_in(arena, event->event_id)};
    headers[count++] = (sf_header){
        "ce_type", sf_bytes_text(sf_arena_printf(arena, "%s.v%lld", cloud_type(event->event_type),
                                                 (long long)event->schema))};
    headers[count++] = (sf_header){"ce_source", sf_bytes_text("/command-service")};
    headers[count++] = (sf_header){"ce_time", text_in(arena, time)};
    headers[count++] = (sf_header){
        "ce_subject", sf_bytes_text(sf_arena_printf(arena, "%s/%lld", event->aggregate_type,
                                                    (long long)event->aggregate_id))};
    headers[count++] = (sf_header){"ce_partitionkey", key};
    count += add_origin(event->headers, headers + count, arena);
    return (sf_headers){headers, count};
}

sf_record event_record(const struct event *event, sf_arena *arena)
{
    sf_bytes key = sf_bytes_text(sf_arena_printf(arena, "%lld", (long long)event->aggregate_id));

    return (sf_record){
        .key = key,
        .value = envelope(event, arena),
        .timestamp = event->occurred_at_ms,
        .headers = all_headers(event, key, arena),
    };
}

const char *event_headers_json(const event_origin *origin, sf_arena *arena)
{
    const char *values[ORIGIN_HEADERS] = {
        [TRACEPARENT] = origin->traceparent,
        [TRACESTATE] = origin->traceparent ? origin->tracestate : NULL,
        [CORRELATION_ID] = origin->correlation_id,
        [CAUSATION_ID] = origin->causation_id,
    };
    sf_buffer text = SF_BUFFER_EMPTY;
    sf_json_writer json;
    const char *object;

    if (!origin->traceparent && !origin->correlation_id && !origin->causation_id)
        return NULL;
    sf_json_writer_init(&json, &text);
    sf_json_write_object(&json, NULL);
    for (int i = 0; i < ORIGIN_HEADERS; i++)
        if (values[i])
            sf_json_write_text(&json, origin_members[i].name, values[i]);
    sf_json_write_end_object(&json);
    object = sf_arena_text(arena, sf_buffer_text(&text));
    sf_buffer_done(&text);
    return object;
}
