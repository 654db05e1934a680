#include "kafka/kafka_order.h"

#include <stddef.h>

enum {
    REQUEST_MS = 10 * 1000,
};

/* Whether the broker works on it by itself for a while after it was taken. */
static int takes_operation_time(rd_kafka_admin_op_t what)
{
    return what == RD_KAFKA_ADMIN_OP_CREATETOPICS || what == RD_KAFKA_ADMIN_OP_DELETETOPICS ||
           what == RD_KAFKA_ADMIN_OP_DELETERECORDS;
}

void sf_kafka_order_init(sf_kafka_order *order, rd_kafka_t *client, rd_kafka_admin_op_t what)
{
    char ignored[128];

    order->options = rd_kafka_AdminOptions_new(client, what);
    order->queue = rd_kafka_queue_new(client);
    order->answer = NULL;
    /* Both are within what librdkafka takes, so they cannot fail. */
    (void)rd_kafka_AdminOptions_set_request_timeout(order->options, REQUEST_MS, ignored,
                                                    sizeof(ignored));
    if (takes_operation_time(what))
        (void)rd_kafka_AdminOptions_set_operation_timeout(order->options, REQUEST_MS / 2, ignored,
                                                          sizeof(ignored));
}

void sf_kafka_order_done(sf_kafka_order *order)
{
    if (order->answer)
        rd_kafka_event_destroy(order->answer);
    rd_kafka_queue_destroy(order->queue);
    rd_kafka_AdminOptions_destroy(order->options);
}

rd_kafka_resp_err_t sf_kafka_order_wait(sf_kafka_order *order)
{
    order->answer = rd_kafka_queue_poll(order->queue, REQUEST_MS + 1000);
    return order->answer ? rd_kafka_event_error(order->answer) : RD_KAFKA_RESP_ERR__TIMED_OUT;
}
