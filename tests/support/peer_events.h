/* peer_events.h - the events of the benchmark that Kafka Streams runs too, read with the services' strict
 * JSON reader: every member is checked and taken, as the Java program's Jackson does.
 *
 * Texts point into the wire bytes or the arena. */
#ifndef TESTS_SUPPORT_PEER_EVENTS_H
#define TESTS_SUPPORT_PEER_EVENTS_H

#include <stateful/serde.h>

/* An order of one product: {"orderId", "productId", "customerId", "quantity", ...}. */
typedef struct peer_order {
    sf_bytes order_id;
    sf_bytes product_id;
    sf_bytes customer_id;
    sf_bytes status;
    sf_bytes channel;
    sf_bytes created_at;
    int64_t quantity;
    int64_t unit_price_cents;
    int64_t total_cents;
} peer_order;

typedef struct peer_item {
    sf_bytes product_id;
    int64_t quantity;
    int64_t price_cents;
} peer_item;

/* The payload of {"eventType": "OrderCreated", "payload": {...}}. */
typedef struct peer_order_event {
    sf_bytes event_type;
    sf_bytes order_id;
    sf_bytes customer_id;
    sf_bytes status;
    sf_bytes created_at;
    size_t item_count;
    peer_item items[];
} peer_order_event;

enum { PEER_ITEMS_MAX = 3 };

/* The payload of {"eventType": "ProductCreated", "payload": {...}}. */
typedef struct peer_product_event {
    sf_bytes event_type;
    sf_bytes product_id;
    sf_bytes name;
    sf_bytes category;
    int64_t price_cents;
} peer_product_event;

extern const sf_serde peer_order_serde;
extern const sf_serde peer_order_event_serde;
extern const sf_serde peer_product_event_serde;

#endif
