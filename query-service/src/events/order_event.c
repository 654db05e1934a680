#include "events/order_event.h"

#include <string.h>

#include "base/memory.h"

#define QUANTITY_BOUNDS ((sf_json_bounds){1, ORDER_EVENT_QUANTITY_MAX})
#define PRICE_BOUNDS ((sf_json_bounds){0, ORDER_EVENT_PRICE_MAX})
#define STATUS_BOUNDS ((sf_json_bounds){1, ORDER_EVENT_STATUS_POINTS_MAX})

typedef struct order_payload {
    int currency_exponent;
    sf_arena *arena;
    int64_t id; /* of a creation; a status event has order_id and new_status */
    int64_t order_id;
    int64_t customer_id;
    sf_bytes status;
    sf_bytes new_status;
    sold_line *lines;
    size_t line_count;
    size_t line_room;
} order_payload;

enum { PRODUCT_ID, QUANTITY, PRICE };

static const sf_json_member line_members[] = {
    [PRODUCT_ID] = SF_JSON_REQUIRED("productId"),
    [QUANTITY] = SF_JSON_REQUIRED("quantity"),
    [PRICE] = SF_JSON_REQUIRED("price"),
};

static void read_line(sf_json_reader *json, int currency_exponent, sold_line *line)
{
    sf_json_object object;
    int member;

    *line = (sold_line){0};
    sf_json_read_object(json, &object, line_members, SF_ARRAY_LENGTH(line_members));
    while ((member = sf_json_next_member(json, &object)) >= 0) {
        if (member == PRODUCT_ID)
            (void)sf_json_read_id(json, &line->product_id);
        else if (member == QUANTITY)
            (void)sf_json_read_integer(json, QUANTITY_BOUNDS, &line->quantity);
        else
            (void)sf_json_read_money(json, currency_exponent, PRICE_BOUNDS, &line->price);
    }
}

/* Room for one more line; the array grows in the arena by doubling. */
static sold_line *add_line(order_payload *payload)
{
    if (payload->line_count == payload->line_room) {
        size_t room = payload->line_room ? 2 * payload->line_room : 4;
        sold_line *lines = sf_arena_alloc(payload->arena, room * sizeof *lines);

        if (payload->line_count)
            memcpy(lines, payload->lines, payload->line_count * sizeof *lines);
        payload->lines = lines;
        payload->line_room = room;
    }
    return &payload->lines[payload->line_count++];
}

static void read_lines(sf_json_reader *json, order_payload *payload)
{
    sf_json_array array;

    payload->line_count = 0;
    sf_json_read_array(json, &array);
    while (sf_json_next_item(json, &array)) {
        if (payload->line_count < ORDER_EVENT_LINES_MAX) {
            read_line(json, payload->currency_exponent, add_line(payload));
        } else {
            (void)sf_json_skip(json, NULL);
            if (array.frame.index == ORDER_EVENT_LINES_MAX)
                sf_json_note(json, "an order has at most %d lines", ORDER_EVENT_LINES_MAX);
        }
    }
}

enum { ID, ORDER_ID, CUSTOMER_ID, STATUS, NEW_STATUS, ITEMS };

static const sf_json_member payload_members[] = {
    [ID] = SF_JSON_OPTIONAL("id"),
    [ORDER_ID] = SF_JSON_OPTIONAL("orderId"),
    [CUSTOMER_ID] = SF_JSON_OPTIONAL("customerId"),
    [STATUS] = SF_JSON_OPTIONAL("status"),
    [NEW_STATUS] = SF_JSON_OPTIONAL("newStatus"),
    [ITEMS] = SF_JSON_OPTIONAL("items"),
};

/* The event's type may come behind its payload: what either kind has is read, and judged later. */
static void read_payload(sf_json_reader *json, void *event)
{
    order_payload *payload = event;
    sf_json_object object;
    int member;

    sf_json_read_object(json, &object, payload_members, SF_ARRAY_LENGTH(payload_members));
    while ((member = sf_json_next_member(json, &object)) >= 0) {
        if (member == ID)
            (void)sf_json_read_id(json, &payload->id);
        else if (member == ORDER_ID)
            (void)sf_json_read_id(json, &payload->order_id);
        else if (member == CUSTOMER_ID)
            (void)sf_json_read_id(json, &payload->customer_id);
        else if (member == STATUS)
            (void)sf_json_read_text(json, STATUS_BOUNDS, &payload->status);
        else if (member == NEW_STATUS)
            (void)sf_json_read_text(json, STATUS_BOUNDS, &payload->new_status);
        else
            read_lines(json, payload);
    }
}

static sf_status judge_creation(order_payload *payload, sf_error *err)
{
    if (!payload->customer_id)
        return sf_reject(err, "/payload/customerId: is missing");
    if (!payload->line_count)
        return sf_reject(err, "/payload/items: must hold at least one line");
    if (sf_bytes_is_null(payload->status))
        payload->status = sf_bytes_text("CREATED");
    return SF_OK;
}

static sf_status judge_status(order_payload *payload, sf_error *err)
{
    if (sf_bytes_is_null(payload->new_status))
        return sf_reject(err, "/payload/newStatus: is missing");
    payload->id = payload->order_id;
    payload->status = payload->new_status;
    payload->customer_id = 0;
    payload->line_count = 0;
    return SF_OK;
}

static sf_status judge(const event_envelope *envelope, order_payload *payload, bool *is_creation,
                       sf_error *err)
{
    sf_bytes type = envelope->type;

    *is_creation = sf_bytes_equal(type, sf_bytes_text("OrderCreated"));
    if (*is_creation)
        return judge_creation(payload, err);
    if (sf_bytes_equal(type, sf_bytes_text("OrderStatusUpdated")) ||
        sf_bytes_equal(type, sf_bytes_text("OrderUpdated")))
        return judge_status(payload, err);
    return event_reject_type(envelope, "order", err);
}

static sf_bytes make_event(const event_envelope *envelope, const order_payload *payload,
                           bool is_creation)
{
    size_t lines_size = payload->line_count * sizeof(sold_line);
    size_t size = sizeof(order_event) + lines_size + payload->status.size;
    order_event *event = sf_arena_alloc(payload->arena, size);

    *event = (order_event){
        .order_id = payload->id,
        .version = envelope->version,
        .occurred_at = envelope->occurred_at,
        .customer_id = payload->customer_id,
        .is_creation = is_creation,
        .line_count = (uint32_t)payload->line_count,
        .status_size = (uint32_t)payload->status.size,
    };
    if (lines_size)
        memcpy(event->lines, payload->lines, lines_size);
    memcpy((uint8_t *)event->lines + lines_size, payload->status.data, payload->status.size);
    return sf_bytes_of(event, size);
}

static sf_status deserialize(const sf_serde *serde, sf_bytes wire, sf_arena *arena, sf_bytes *value,
                             sf_error *err)
{
    order_payload payload = {.currency_exponent = *(const int *)serde->user, .arena = arena};
    event_envelope envelope;
    bool is_creation = false;
    sf_status status;

    status = event_envelope_read(wire, arena, read_payload, &payload, &envelope, err);
    if (!status)
        status = judge(&envelope, &payload, &is_creation, err);
    if (!status)
        status = event_check_id(&envelope, payload.id, err);
    if (!status)
        *value = make_event(&envelope, &payload, is_creation);
    return status;
}

sf_bytes order_event_status(const order_event *event)
{
    return sf_bytes_of(event->lines + event->line_count, event->status_size);
}

sf_serde order_event_serde(const int *currency_exponent)
{
    return (sf_serde){.name = "order-event", .deserialize = deserialize, .user = currency_exponent};
}
