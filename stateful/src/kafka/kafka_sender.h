/* kafka_sender.h - records on their way out: topics, sending, and what became of each. The producer's
 * thread. */
#ifndef SF_KAFKA_KAFKA_SENDER_H
#define SF_KAFKA_KAFKA_SENDER_H

#include <librdkafka/rdkafka.h>

#include "broker/broker_implementation.h"
#include "kafka/kafka_client.h"
#include "kafka/kafka_sent_topics.h"

typedef struct sf_kafka_sender {
    rd_kafka_t *client;
    sf_clock *clock;
    sf_kafka_sent_topics topics;
    void (*on_delivery)(void *user, const sf_delivery *delivery);
    void *user;
    bool is_closing;
    bool
        has_failed; /* a delivery, since that was last told or a transaction began or was aborted */
    sf_error failure;
    uint64_t times_moved; /* records of time 0, sent as 1 */
} sf_kafka_sender;

/* options may be NULL; the library calls sf_kafka_sender_deliver through it. */
sf_status sf_kafka_sender_init(sf_kafka_sender *sender, const sf_kafka_config *config,
                               const sf_producer_options *options, const sf_producer_ops *ops,
                               sf_error *err);

/* What librdkafka takes (message.max.bytes), less what surrounds a record. */
size_t sf_kafka_sender_record_max_bytes(const sf_kafka_sender *sender);

/* Drops what is unsent; its delivery is not told. */
void sf_kafka_sender_done(sf_kafka_sender *sender);

/* As the calls of <stateful/broker.h>. */
sf_status sf_kafka_sender_expect(sf_kafka_sender *sender, const char *const *topics, size_t count,
                                 sf_error *err);
sf_status sf_kafka_sender_topic(sf_kafka_sender *sender, const char *name,
                                sf_producer_topic **topic, sf_error *err);
sf_status sf_kafka_sender_send(sf_kafka_sender *sender, const sf_outgoing *records, size_t count,
                               size_t *sent, sf_error *err);
sf_status sf_kafka_sender_flush(sf_kafka_sender *sender, int32_t timeout_ms, sf_error *err);
int64_t sf_kafka_sender_end_offset(const sf_producer_topic *topic, int32_t partition);

/* Forgets a failed delivery: the transaction that it belonged to is over. */
void sf_kafka_sender_forget_failure(sf_kafka_sender *sender);

#endif
