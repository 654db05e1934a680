/* customer_event.h - what customer-events tell: CustomerCreated and CustomerUpdated, each with all that
 * is known of the customer. */
#ifndef QUERY_SERVICE_EVENTS_CUSTOMER_EVENT_H
#define QUERY_SERVICE_EVENTS_CUSTOMER_EVENT_H

#include <stdbool.h>

#include <stateful/serde.h>

#include "events/envelope.h"

enum {
    CUSTOMER_NAME_POINTS_MAX = 255, /* code points */
    CUSTOMER_EMAIL_POINTS_MAX = 254,
};

/* In flight: a flat struct with the name's bytes behind it, then the e-mail's. */
typedef struct customer_event {
    int64_t customer_id;
    int64_t version;     /* from 1; 0: not said */
    int64_t occurred_at; /* ms, or EVENT_TIME_UNKNOWN */
    bool is_creation;
    uint32_t name_size;
    uint32_t email_size; /* 0: none is known */
    char texts[];
} customer_event;

/* Borrowed from event. */
sf_bytes customer_event_name(const customer_event *event);
sf_bytes customer_event_email(const customer_event *event);

/* JSON -> customer_event; nothing is ever written. SF_REJECT for what makes no sense. */
extern const sf_serde customer_event_serde;

#endif
