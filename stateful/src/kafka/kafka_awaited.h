/* kafka_awaited.h - waits until the cluster shows what was changed about topics: all of them together, not
 * one after the other. Any thread. */
#ifndef SF_KAFKA_KAFKA_AWAITED_H
#define SF_KAFKA_KAFKA_AWAITED_H

#include <librdkafka/rdkafka.h>

#include <stateful/clock.h>
#include <stateful/error.h>

/* A topic, and what is waited for. */
typedef struct sf_kafka_awaited {
    const char *topic;
    int32_t least; /* it has so many partitions at least, and their leaders answer; 0: it is gone */
    int32_t partitions; /* that it has; valid once it is seen */
    bool is_seen;
    sf_error error; /* why it is not waited for any more; SF_RETRY: time was up */
} sf_kafka_awaited;

/* Returns once each topic is seen or has an error; those that have one before are left out. */
void sf_kafka_await(rd_kafka_t *client, sf_clock *clock, sf_kafka_awaited *topics, size_t count);

#endif
