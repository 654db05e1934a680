#include "events/product_event.h"

#include <string.h>

#include "base/memory.h"

typedef struct product_payload {
    int64_t id;
    sf_bytes category;
    sf_bytes name;
} product_payload;

enum { ID, CATEGORY, NAME };

static const sf_json_member payload_members[] = {
    [ID] = SF_JSON_REQUIRED("id"),
    [CATEGORY] = SF_JSON_REQUIRED("category"),
    [NAME] = SF_JSON_OPTIONAL("name"),
};

/* A name never makes an event wrong: no sum depends on it. */
static void read_name(sf_json_reader *json, sf_bytes *name)
{
    if (sf_json_peek(json) != SF_JSON_TEXT)
        (void)sf_json_skip(json, NULL);
    else if (sf_json_read_text(json, (sf_json_bounds){0, INT32_MAX}, name) &&
             name->size > PRODUCT_NAME_SIZE_MAX)
        name->size = 0;
}

static void read_payload(sf_json_reader *json, void *event)
{
    product_payload *payload = event;
    sf_json_object object;
    int member;

    sf_json_read_object(json, &object, payload_members, SF_ARRAY_LENGTH(payload_members));
    while ((member = sf_json_next_member(json, &object)) >= 0) {
        if (member == ID)
            (void)sf_json_read_id(json, &payload->id);
        else if (member == NAME)
            read_name(json, &payload->name);
        else
            (void)sf_json_read_text(json, (sf_json_bounds){1, CATEGORY_POINTS_MAX},
                                    &payload->category);
    }
}

static sf_status deserialize(const sf_serde *serde, sf_bytes wire, sf_arena *arena, sf_bytes *value,
                             sf_error *err)
{
    event_envelope envelope;
    product_payload payload = {0};
    bool is_creation = false;
    product_event *event;
    size_t size;
    sf_status status;

    (void)serde;
    status = event_envelope_read(wire, arena, read_payload, &payload, &envelope, err);
    if (!status)
        status = event_check_type(&envelope, "product", "ProductCreated", "ProductUpdated",
                                  &is_creation, err);
    if (!status)
        status = event_check_id(&envelope, payload.id, err);
    if (status)
        return status;
    size = sizeof *event + payload.category.size + payload.name.size;
    event = sf_arena_alloc(arena, size);
    *event = (product_event){
        .product_id = payload.id,
        .version = envelope.version,
        .occurred_at = envelope.occurred_at,
        .is_creation = is_creation,
        .category_size = (uint32_t)payload.category.size,
        .name_size = (uint32_t)payload.name.size,
    };
    memcpy(event->category, payload.category.data, payload.category.size);
    if (payload.name.size)
        memcpy(event->category + payload.category.size, payload.name.data, payload.name.size);
    *value = sf_bytes_of(event, size);
    return SF_OK;
}

sf_bytes product_event_name(const product_event *event)
{
    return sf_bytes_of(event->category + event->category_size, event->name_size);
}

const sf_serde product_event_serde = {.name = "product-event", .deserialize = deserialize};
