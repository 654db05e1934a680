/* kafka_offsets.h - positions of a group, there and back, and the member's token for transactions. The
 * thread of the consumer or producer. */
#ifndef SF_KAFKA_KAFKA_OFFSETS_H
#define SF_KAFKA_KAFKA_OFFSETS_H

#include <stdbool.h>

#include <librdkafka/rdkafka.h>

#include "broker/broker_implementation.h"

/* A list of the offsets that are numbers, with their metadata; the caller destroys it. */
rd_kafka_topic_partition_list_t *sf_kafka_offset_list(const sf_offset *offsets, size_t count);

/* As sf_consumer_committed; the metadata lives in texts. */
sf_status sf_kafka_committed(rd_kafka_t *client, sf_offset *offsets, size_t count,
                             int32_t timeout_ms, sf_arena *texts, sf_error *err);

/* As sf_consumer_commit. */
sf_status sf_kafka_commit(rd_kafka_t *client, const sf_offset *offsets, size_t count,
                          sf_error *err);

/* NULL if the handle has no group. */
sf_group_token *sf_kafka_token_new(rd_kafka_t *client, bool is_subscribed);
const rd_kafka_consumer_group_metadata_t *sf_kafka_token_metadata(const sf_group_token *token);

/* Whether a broker can tell from it who is asking. SF_ABORT_COMMIT for the token of a subscribed consumer
 * that was put out of its group: brokers take positions without a name from anybody. */
sf_status sf_kafka_token_check(const sf_group_token *token, sf_error *err);

/* Whether it names a member and a generation. */
bool sf_kafka_names_member(const rd_kafka_consumer_group_metadata_t *metadata);

#endif
