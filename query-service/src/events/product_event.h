/* product_event.h - what product-events tell: ProductCreated and ProductUpdated.
 *
 * What the sums need must be right: the id, and the category from this version on. The name is taken
 * where it is a text, for people to read; the price may be anything.
 */
#ifndef QUERY_SERVICE_EVENTS_PRODUCT_EVENT_H
#define QUERY_SERVICE_EVENTS_PRODUCT_EVENT_H

#include <stdbool.h>

#include <stateful/serde.h>

#include "events/envelope.h"

enum {
    CATEGORY_POINTS_MAX = 100,       /* code points */
    PRODUCT_NAME_SIZE_MAX = 4 * 255, /* bytes; a longer name is passed over */
};

/* In flight: a flat struct with the category's bytes behind it, then the name's. */
typedef struct product_event {
    int64_t product_id;
    int64_t version;     /* from 1; 0: not said */
    int64_t occurred_at; /* ms, or EVENT_TIME_UNKNOWN */
    bool is_creation;
    uint32_t category_size;
    uint32_t name_size; /* 0: no name was told */
    char category[];
} product_event;

/* The name; borrowed from event. */
sf_bytes product_event_name(const product_event *event);

/* JSON -> product_event; nothing is ever written. SF_REJECT for what makes no sense. */
extern const sf_serde product_event_serde;

#endif
