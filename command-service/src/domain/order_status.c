#include "domain/order_status.h"

#include <string.h>
#include <strings.h>

static const char *const names[ORDER_STATUS_COUNT] = {
    "CREATED",   "CONFIRMED", "PAID",   "PROCESSING", "SHIPPED",  "DELIVERED",
    "COMPLETED", "CANCELLED", "FAILED", "RETURNED",   "REFUNDED",
};

const char *order_status_name(order_status status)
{
    return names[status];
}

bool order_status_parse(sf_bytes name, order_status *status)
{
    for (int i = 0; i < ORDER_STATUS_COUNT; i++) {
        if (name.size == strlen(names[i]) &&
            !strncasecmp((const char *)name.data, names[i], name.size)) {
            *status = (order_status)i;
            return true;
        }
    }
    return false;
}

bool order_status_may_become(order_status from, order_status to)
{
    switch (to) {
    case ORDER_CANCELLED:
    case ORDER_FAILED:
        return from <= ORDER_PROCESSING;
    case ORDER_RETURNED:
        return from >= ORDER_SHIPPED && from <= ORDER_COMPLETED;
    case ORDER_REFUNDED:
        return (from >= ORDER_PAID && from <= ORDER_COMPLETED) || from == ORDER_RETURNED;
    default: /* forward, steps may be skipped */
        return from < to && to <= ORDER_COMPLETED;
    }
}
