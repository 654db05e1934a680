/* kafka_order.h - an administrative request under way: its options, and the queue its answer comes to.
 * One thread at a time.
 */
#ifndef SF_KAFKA_KAFKA_ORDER_H
#define SF_KAFKA_KAFKA_ORDER_H

#include <librdkafka/rdkafka.h>

typedef struct sf_kafka_order {
    rd_kafka_AdminOptions_t *options;
    rd_kafka_queue_t *queue;
    rd_kafka_event_t *answer; /* after _wait; the order's */
} sf_kafka_order;

void sf_kafka_order_init(sf_kafka_order *order, rd_kafka_t *client, rd_kafka_admin_op_t what);
void sf_kafka_order_done(sf_kafka_order *order);

/* Waits for the answer; the error that concerns the whole request. */
rd_kafka_resp_err_t sf_kafka_order_wait(sf_kafka_order *order);

#endif
