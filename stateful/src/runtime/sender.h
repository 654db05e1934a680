/* sender.h - where the tasks of a thread send to: one producer, its topics by number, at most one
 * transaction at a time.
 *
 * Topics keep their numbers when the producer is made anew. Calls that the broker does not take are
 * made again by the retry policy, so that SF_RETRY never comes out of here. The stream thread's.
 */
#ifndef SF_RUNTIME_SENDER_H
#define SF_RUNTIME_SENDER_H

#include <stateful/broker.h>

#include "runtime/broker_call.h"
#include "runtime/retry.h"
#include "runtime/task_topics.h"
#include "task/task.h"

typedef struct sf_sender sf_sender;

typedef struct sf_sender_options {
    sf_broker *broker;
    const char *transactional_id; /* NULL: every record counts at once; copied */
    int32_t transaction_timeout_ms;
    size_t queue_size_bytes; /* of what is not delivered yet; 0: the broker's usual size */
    sf_task_topics expected; /* borrowed */
    sf_retry_policy retry;
    sf_broker_call *call; /* marked while a call may not come back */
} sf_sender_options;

/* Without a producer: _connect makes it. */
sf_sender *sf_sender_new(const sf_sender_options *options);
void sf_sender_free(sf_sender *sender);

/* Makes the producer, in place of one that there may be, and opens all topics known: they are warm
 * before the first transaction. What a predecessor left open is ended meanwhile. */
sf_status sf_sender_connect(sf_sender *sender, sf_error *err);

/* Opens the transaction, if there are any and it is not open; false: what a predecessor left open has not
 * ended, or the broker does not answer. Never waits long. */
bool sf_sender_try_begin(sf_sender *sender);

/* Closes the producer; what was not committed is lost. */
void sf_sender_disconnect(sf_sender *sender);

/* What tasks are given, of a sender that is connected. */
sf_output_port sf_sender_port(sf_sender *sender);

/* Sends one record to a topic's partition by its name. */
sf_status sf_sender_send(sf_sender *sender, const char *topic, int32_t partition,
                         const sf_record *record, sf_error *err);

/* Returns when all that was sent is delivered. */
sf_status sf_sender_flush(sf_sender *sender, sf_error *err);

/* Puts positions into the transaction; begins it if nothing was sent. What was sent before may be on its
 * way still. */
sf_status sf_sender_send_offsets(sf_sender *sender, const sf_offset *offsets, size_t count,
                                 const sf_group_token *token, sf_error *err);

/* Ends the transaction, which has its positions. */
sf_status sf_sender_commit(sf_sender *sender, sf_error *err);

/* Takes back what was sent since the last commit; without a transaction that cannot be. */
sf_status sf_sender_abort(sf_sender *sender, sf_error *err);

/* Behind the last record that this producer has delivered to a partition, SF_OFFSET_NONE if none. */
int64_t sf_sender_end_offset(const sf_sender *sender, const char *topic, int32_t partition);

#endif
