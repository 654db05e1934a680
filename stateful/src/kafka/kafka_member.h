/* kafka_member.h - a librdkafka consumer: its place in the group, and the partitions it reads. The
 * consumer's thread. */
#ifndef SF_KAFKA_KAFKA_MEMBER_H
#define SF_KAFKA_KAFKA_MEMBER_H

#include "kafka/kafka_client.h"
#include "kafka/kafka_expected.h"
#include "kafka/kafka_reader.h"

typedef struct sf_kafka_member {
    sf_kafka_reading reading;
    sf_kafka_expected expected;
    sf_kafka_reader *readers;
    bool has_group;
    bool is_subscribed;
    bool was_assigned; /* tasks, if only none: its first assignment has come */
    bool is_closing;
    rd_kafka_topic_partition_list_t *leaving; /* while partitions are revoked, else NULL */
    sf_rebalance_listener listener;
    atomic_bool is_called;    /* the main queue has something */
    sf_status trouble_status; /* of the group, for poll to tell; a lasting one stays */
    sf_error trouble;
} sf_kafka_member;

/* The member is zeroed, and stays where it is. Readers get ops for their base. */
sf_status sf_kafka_member_init(sf_kafka_member *member, const sf_kafka_config *config,
                               const sf_consumer_options *options, const sf_consumer_ops *ops,
                               sf_error *err);

/* Leaves the group, ends all readers. */
void sf_kafka_member_done(sf_kafka_member *member);

/* As the calls of <stateful/broker.h>. */
sf_status sf_kafka_member_subscribe(sf_kafka_member *member, const char *topic,
                                    const sf_rebalance_listener *listener, sf_error *err);
sf_status sf_kafka_member_poll(sf_kafka_member *member, sf_error *err);

void sf_kafka_member_remove_all(sf_kafka_member *member);

#endif
