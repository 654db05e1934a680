/* order_status.h - where an order stands, and which steps it may take. Pure; any thread. */
#ifndef COMMAND_SERVICE_DOMAIN_ORDER_STATUS_H
#define COMMAND_SERVICE_DOMAIN_ORDER_STATUS_H

#include <stdbool.h>
#include <stddef.h>

#include <stateful/bytes.h>

/* Forward from CREATED to COMPLETED; behind those, the ways out. */
typedef enum order_status {
    ORDER_CREATED,
    ORDER_CONFIRMED,
    ORDER_PAID,
    ORDER_PROCESSING,
    ORDER_SHIPPED,
    ORDER_DELIVERED,
    ORDER_COMPLETED,
    ORDER_CANCELLED,
    ORDER_FAILED,
    ORDER_RETURNED,
    ORDER_REFUNDED,
    ORDER_STATUS_COUNT,
} order_status;

/* "CREATED". */
const char *order_status_name(order_status status);

/* Reads a name in any case; false if there is no such status. */
bool order_status_parse(sf_bytes name, order_status *status);

/* Whether an order may go from one to the other. Staying is no step: false. */
bool order_status_may_become(order_status from, order_status to);

#endif
