#include "support/peer_events.h"

#include <string.h>

#include "base/memory.h"
#include "service/json_reader.h"

enum { EXPONENT = 2 };

#define ANY ((sf_json_bounds){0, SF_JSON_ID_MAX})
#define TEXT ((sf_json_bounds){0, 200})

static void read_price(sf_json_reader *json, int64_t *cents)
{
    sf_money money = {0};

    (void)sf_json_read_money(json, EXPONENT, ANY, &money);
    *cents = money.minor;
}

/* ---- an order of one product ---- */

enum { ORDER, PRODUCT, CUSTOMER, QUANTITY, UNIT_PRICE, TOTAL, STATUS, CHANNEL, CREATED_AT };

static const sf_json_member order_members[] = {
    [ORDER] = SF_JSON_REQUIRED("orderId"),
    [PRODUCT] = SF_JSON_REQUIRED("productId"),
    [CUSTOMER] = SF_JSON_REQUIRED("customerId"),
    [QUANTITY] = SF_JSON_REQUIRED("quantity"),
    [UNIT_PRICE] = SF_JSON_REQUIRED("unitPriceCents"),
    [TOTAL] = SF_JSON_REQUIRED("totalCents"),
    [STATUS] = SF_JSON_REQUIRED("status"),
    [CHANNEL] = SF_JSON_REQUIRED("channel"),
    [CREATED_AT] = SF_JSON_REQUIRED("createdAt"),
};

static void read_order_member(sf_json_reader *json, int member, peer_order *order)
{
    sf_bytes *const texts[] = {
        [ORDER] = &order->order_id,       [PRODUCT] = &order->product_id,
        [CUSTOMER] = &order->customer_id, [STATUS] = &order->status,
        [CHANNEL] = &order->channel,      [CREATED_AT] = &order->created_at,
    };

    if (member == QUANTITY)
        (void)sf_json_read_integer(json, ANY, &order->quantity);
    else if (member == UNIT_PRICE)
        (void)sf_json_read_integer(json, ANY, &order->unit_price_cents);
    else if (member == TOTAL)
        (void)sf_json_read_integer(json, ANY, &order->total_cents);
    else
        (void)sf_json_read_text(json, TEXT, texts[member]);
}

static sf_status decode_order(const sf_serde *serde, sf_bytes wire, sf_arena *arena,
                              sf_bytes *value, sf_error *err)
{
    peer_order *order = sf_arena_zalloc(arena, sizeof *order);
    sf_json_object object;
    sf_json_reader json;
    int member;

    (void)serde;
    sf_json_reader_init(&json, wire, arena);
    sf_json_read_object(&json, &object, order_members, SF_ARRAY_LENGTH(order_members));
    while ((member = sf_json_next_member(&json, &object)) >= 0)
        read_order_member(&json, member, order);
    *value = sf_bytes_of(order, sizeof *order);
    return sf_json_read_end(&json, err);
}

const sf_serde peer_order_serde = {.name = "order", .deserialize = decode_order};

/* ---- events: a type and a payload ---- */

enum { EVENT_TYPE, PAYLOAD };

static const sf_json_member event_members[] = {
    [EVENT_TYPE] = SF_JSON_REQUIRED("eventType"),
    [PAYLOAD] = SF_JSON_REQUIRED("payload"),
};

typedef void (*payload_fn)(sf_json_reader *json, void *event);

static sf_status read_event(sf_bytes wire, sf_arena *arena, sf_bytes *event_type,
                            payload_fn read_payload, void *event, sf_error *err)
{
    sf_json_object object;
    sf_json_reader json;
    int member;

    sf_json_reader_init(&json, wire, arena);
    sf_json_read_object(&json, &object, event_members, SF_ARRAY_LENGTH(event_members));
    while ((member = sf_json_next_member(&json, &object)) >= 0) {
        if (member == PAYLOAD)
            read_payload(&json, event);
        else
            (void)sf_json_read_text(&json, TEXT, event_type);
    }
    return sf_json_read_end(&json, err);
}

/* ---- orders of several products ---- */

enum { ITEM_PRODUCT, ITEM_QUANTITY, ITEM_PRICE };

static const sf_json_member item_members[] = {
    [ITEM_PRODUCT] = SF_JSON_REQUIRED("productId"),
    [ITEM_QUANTITY] = SF_JSON_REQUIRED("quantity"),
    [ITEM_PRICE] = SF_JSON_REQUIRED("price"),
};

static void read_item(sf_json_reader *json, peer_item *item)
{
    sf_json_object object;
    int member;

    sf_json_read_object(json, &object, item_members, SF_ARRAY_LENGTH(item_members));
    while ((member = sf_json_next_member(json, &object)) >= 0) {
        if (member == ITEM_PRODUCT)
            (void)sf_json_read_text(json, TEXT, &item->product_id);
        else if (member == ITEM_QUANTITY)
            (void)sf_json_read_integer(json, ANY, &item->quantity);
        else
            read_price(json, &item->price_cents);
    }
}

static void read_items(sf_json_reader *json, peer_order_event *event)
{
    sf_json_array array;

    sf_json_read_array(json, &array);
    while (sf_json_next_item(json, &array)) {
        if (event->item_count < PEER_ITEMS_MAX) {
            read_item(json, &event->items[event->item_count++]);
        } else {
            (void)sf_json_skip(json, NULL);
            sf_json_note(json, "an order has at most %d items", PEER_ITEMS_MAX);
        }
    }
}

enum { EVENT_ORDER, EVENT_CUSTOMER, EVENT_ITEMS, EVENT_STATUS, EVENT_CREATED_AT };

static const sf_json_member order_event_members[] = {
    [EVENT_ORDER] = SF_JSON_REQUIRED("orderId"),
    [EVENT_CUSTOMER] = SF_JSON_REQUIRED("customerId"),
    [EVENT_ITEMS] = SF_JSON_REQUIRED("items"),
    [EVENT_STATUS] = SF_JSON_REQUIRED("status"),
    [EVENT_CREATED_AT] = SF_JSON_REQUIRED("createdAt"),
};

static void read_order_payload(sf_json_reader *json, void *user)
{
    peer_order_event *event = user;
    sf_bytes *const texts[] = {
        [EVENT_ORDER] = &event->order_id,
        [EVENT_CUSTOMER] = &event->customer_id,
        [EVENT_STATUS] = &event->status,
        [EVENT_CREATED_AT] = &event->created_at,
    };
    sf_json_object object;
    int member;

    sf_json_read_object(json, &object, order_event_members, SF_ARRAY_LENGTH(order_event_members));
    while ((member = sf_json_next_member(json, &object)) >= 0) {
        if (member == EVENT_ITEMS)
            read_items(json, event);
        else
            (void)sf_json_read_text(json, TEXT, texts[member]);
    }
}

static sf_status decode_order_event(const sf_serde *serde, sf_bytes wire, sf_arena *arena,
                                    sf_bytes *value, sf_error *err)
{
    size_t size = sizeof(peer_order_event) + PEER_ITEMS_MAX * sizeof(peer_item);
    peer_order_event *event = sf_arena_zalloc(arena, size);

    (void)serde;
    *value = sf_bytes_of(event, size);
    return read_event(wire, arena, &event->event_type, read_order_payload, event, err);
}

const sf_serde peer_order_event_serde = {.name = "order event", .deserialize = decode_order_event};

/* ---- products ---- */

enum { PRODUCT_ID, PRODUCT_NAME, PRODUCT_CATEGORY, PRODUCT_PRICE };

static const sf_json_member product_members[] = {
    [PRODUCT_ID] = SF_JSON_REQUIRED("productId"),
    [PRODUCT_NAME] = SF_JSON_REQUIRED("name"),
    [PRODUCT_CATEGORY] = SF_JSON_REQUIRED("category"),
    [PRODUCT_PRICE] = SF_JSON_REQUIRED("price"),
};

static void read_product_payload(sf_json_reader *json, void *user)
{
    peer_product_event *event = user;
    sf_bytes *const texts[] = {
        [PRODUCT_ID] = &event->product_id,
        [PRODUCT_NAME] = &event->name,
        [PRODUCT_CATEGORY] = &event->category,
    };
    sf_json_object object;
    int member;

    sf_json_read_object(json, &object, product_members, SF_ARRAY_LENGTH(product_members));
    while ((member = sf_json_next_member(json, &object)) >= 0) {
        if (member == PRODUCT_PRICE)
            read_price(json, &event->price_cents);
        else
            (void)sf_json_read_text(json, TEXT, texts[member]);
    }
}

static sf_status decode_product_event(const sf_serde *serde, sf_bytes wire, sf_arena *arena,
                                      sf_bytes *value, sf_error *err)
{
    peer_product_event *event = sf_arena_zalloc(arena, sizeof *event);

    (void)serde;
    *value = sf_bytes_of(event, sizeof *event);
    return read_event(wire, arena, &event->event_type, read_product_payload, event, err);
}

const sf_serde peer_product_event_serde = {.name = "product event",
                                           .deserialize = decode_product_event};
