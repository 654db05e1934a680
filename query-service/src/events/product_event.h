/* product_event.h - what product-events tell: ProductCreated and ProductUpdated.
 *
 * Only what the sums need is read: the id and the category from this version on. Name and price may
 * be anything.
 */
#ifndef QUERY_SERVICE_EVENTS_PRODUCT_EVENT_H
#define QUERY_SERVICE_EVENTS_PRODUCT_EVENT_H

#include <stdbool.h>

#include <stateful/serde.h>

#include "events/envelope.h"

enum { CATEGORY_POINTS_MAX = 100 }; /* code points of a category */

/* In flight: a flat struct with the category's bytes behind it. */
typedef struct product_event {
    int64_t product_id;
    int64_t version;     /* from 1; 0: not said */
    int64_t occurred_at; /* ms, or EVENT_TIME_UNKNOWN */
    bool is_creation;
    uint32_t category_size;
    char category[];
} product_event;

/* JSON -> product_event; nothing is ever written. SF_REJECT for what makes no sense. */
extern const sf_serde product_event_serde;

#endif
