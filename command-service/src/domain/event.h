/* event.h - what the world is told: an event as it lies in the events table, and the record that is
 * made of it. Pure; any thread.
 *
 * The value is S3's envelope {"eventType","payload"} with five members more; CloudEvents' attributes
 * (binary mode of its Kafka binding) travel as ce_ headers. The key is the aggregate's id in decimal.
 */
#ifndef COMMAND_SERVICE_DOMAIN_EVENT_H
#define COMMAND_SERVICE_DOMAIN_EVENT_H

#include <stateful/record.h>

/* All texts are borrowed. */
struct event {
    const char *event_id;       /* a UUID */
    const char *event_type;     /* "OrderCreated" */
    const char *aggregate_type; /* "order" */
    int64_t aggregate_id;
    int64_t version; /* of the aggregate, from 1 without gaps */
    int64_t schema;  /* of the payload */
    int64_t occurred_at_ms;
    sf_bytes payload; /* JSON, goes out as it stands */
    sf_bytes headers; /* what event_headers_json made; null: none */
    bool is_published;
};

/* The record to publish; its bytes live in the arena. */
sf_record event_record(const struct event *event, sf_arena *arena);

/* What a request says about its cause; NULL for what it does not say. */
typedef struct event_origin {
    const char *traceparent;    /* W3C trace context */
    const char *tracestate;     /* goes with traceparent only */
    const char *correlation_id; /* what it belongs to: the client's X-Request-Id */
    const char *causation_id;   /* what asked for it: the client's Idempotency-Key */
} event_origin;

/* The headers to keep with an event, as a JSON object in the arena; NULL if there are none. */
const char *event_headers_json(const event_origin *origin, sf_arena *arena);

#endif
