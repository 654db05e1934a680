/* kafka_transaction.h - the steps of a transaction, each with the reaction to its failure as
 * <stateful/broker.h> has them. The producer's thread. */
#ifndef SF_KAFKA_KAFKA_TRANSACTION_H
#define SF_KAFKA_KAFKA_TRANSACTION_H

#include "kafka/kafka_sender.h"

/* Once for a producer: ends what a predecessor of the same id left open, and fences it. SF_RETRY: it goes
 * on by itself, another call waits for it again. */
sf_status sf_kafka_transactions_init(sf_kafka_sender *sender, int32_t timeout_ms, sf_error *err);

sf_status sf_kafka_transaction_begin(sf_kafka_sender *sender, sf_error *err);
sf_status sf_kafka_transaction_send_offsets(sf_kafka_sender *sender, const sf_offset *offsets,
                                            size_t count, const sf_group_token *token,
                                            sf_error *err);
sf_status sf_kafka_transaction_commit(sf_kafka_sender *sender, int32_t timeout_ms, sf_error *err);
sf_status sf_kafka_transaction_abort(sf_kafka_sender *sender, int32_t timeout_ms, sf_error *err);

#endif
