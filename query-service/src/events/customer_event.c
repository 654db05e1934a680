#include "events/customer_event.h"

#include <string.h>

#include "base/memory.h"

typedef struct customer_payload {
    int64_t id;
    sf_bytes name;
    sf_bytes email;
} customer_payload;

enum { ID, NAME, EMAIL };

static const sf_json_member payload_members[] = {
    [ID] = SF_JSON_REQUIRED("id"),
    [NAME] = SF_JSON_REQUIRED("name"),
    [EMAIL] = SF_JSON_OPTIONAL("email"),
};

static void read_payload(sf_json_reader *json, void *event)
{
    customer_payload *payload = event;
    sf_json_object object;
    int member;

    sf_json_read_object(json, &object, payload_members, SF_ARRAY_LENGTH(payload_members));
    while ((member = sf_json_next_member(json, &object)) >= 0) {
        if (member == ID)
            (void)sf_json_read_id(json, &payload->id);
        else if (member == NAME)
            (void)sf_json_read_text(json, (sf_json_bounds){1, CUSTOMER_NAME_POINTS_MAX},
                                    &payload->name);
        else if (!sf_json_read_null(json))
            (void)sf_json_read_text(json, (sf_json_bounds){1, CUSTOMER_EMAIL_POINTS_MAX},
                                    &payload->email);
    }
}

static sf_bytes make_event(const event_envelope *envelope, const customer_payload *payload,
                           bool is_creation, sf_arena *arena)
{
    size_t size = sizeof(customer_event) + payload->name.size + payload->email.size;
    customer_event *event = sf_arena_alloc(arena, size);

    *event = (customer_event){
        .customer_id = payload->id,
        .version = envelope->version,
        .occurred_at = envelope->occurred_at,
        .is_creation = is_creation,
        .name_size = (uint32_t)payload->name.size,
        .email_size = (uint32_t)payload->email.size,
    };
    memcpy(event->texts, payload->name.data, payload->name.size);
    if (payload->email.size)
        memcpy(event->texts + payload->name.size, payload->email.data, payload->email.size);
    return sf_bytes_of(event, size);
}

static sf_status deserialize(const sf_serde *serde, sf_bytes wire, sf_arena *arena, sf_bytes *value,
                             sf_error *err)
{
    event_envelope envelope;
    customer_payload payload = {0};
    bool is_creation = false;
    sf_status status;

    (void)serde;
    status = event_envelope_read(wire, arena, read_payload, &payload, &envelope, err);
    if (!status)
        status = event_check_type(&envelope, "customer", "CustomerCreated", "CustomerUpdated",
                                  &is_creation, err);
    if (!status)
        status = event_check_id(&envelope, payload.id, err);
    if (!status)
        *value = make_event(&envelope, &payload, is_creation, arena);
    return status;
}

sf_bytes customer_event_name(const customer_event *event)
{
    return sf_bytes_of(event->texts, event->name_size);
}

sf_bytes customer_event_email(const customer_event *event)
{
    return sf_bytes_of(event->texts + event->name_size, event->email_size);
}

const sf_serde customer_event_serde = {.name = "customer-event", .deserialize = deserialize};
