#include "runtime/sender.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/memory.h"

enum {
    CALL_TIMEOUT_MS = 1000, /* of one try of a call that waits for the broker */
};

typedef struct sender_topic {
    char *name;
    size_t number;
    sf_producer_topic *handle; /* NULL while there is no producer */
    int32_t partitions;        /* 0: not asked for since then */
} sender_topic;

struct sf_sender {
    sf_sender_options options;
    sf_producer *producer;
    bool in_transaction;
    sender_topic **topics;
    size_t topic_count;
    sf_map *by_name;
    sf_outgoing *outgoing; /* reused */
    size_t outgoing_capacity;
};

sf_sender *sf_sender_new(const sf_sender_options *options)
{
    sf_sender *sender = sf_zalloc(sizeof(*sender));

    sender->options = *options;
    sender->options.transactional_id = sf_text_copy(options->transactional_id);
    sender->by_name = sf_map_new();
    return sender;
}

static void begin_call(const sf_sender *sender, const char *name)
{
    sf_broker_call_begin(sender->options.call, sender->options.retry.clock, name);
}

static void end_call(const sf_sender *sender)
{
    sf_broker_call_end(sender->options.call);
}

static void close_producer(sf_sender *sender)
{
    begin_call(sender, "let a producer go");
    sf_producer_close(sender->producer);
    end_call(sender);
    sender->producer = NULL;
}

void sf_sender_free(sf_sender *sender)
{
    if (!sender)
        return;
    close_producer(sender);
    for (size_t i = 0; i < sender->topic_count; i++) {
        free(sender->topics[i]->name);
        free(sender->topics[i]);
    }
    free(sender->topics);
    sf_map_free(sender->by_name);
    free(sender->outgoing);
    free((char *)sender->options.transactional_id);
    free(sender);
}

static bool is_transactional(const sf_sender *sender)
{
    return sender->options.transactional_id != NULL;
}

static sf_status open_handle(sf_sender *sender, sender_topic *topic, sf_error *err)
{
    sf_retry retry = sf_retry_begin(sender->options.retry);
    sf_status status;

    do
        status = sf_producer_topic_open(sender->producer, topic->name, &topic->handle, err);
    while (sf_retry_again(&retry, &status, err));
    return status;
}

void sf_sender_disconnect(sf_sender *sender)
{
    close_producer(sender);
    sender->in_transaction = false;
    for (size_t i = 0; i < sender->topic_count; i++) {
        sender->topics[i]->handle = NULL;
        sender->topics[i]->partitions = 0;
    }
}

sf_status sf_sender_connect(sf_sender *sender, sf_error *err)
{
    const sf_producer_options options = {
        .transactional_id = sender->options.transactional_id,
        .transaction_timeout_ms = sender->options.transaction_timeout_ms,
        .begins_later = true,
        .queue_size_bytes = sender->options.queue_size_bytes,
    };
    sf_retry retry = sf_retry_begin(sender->options.retry);
    sf_status status;

    sf_sender_disconnect(sender);
    do
        status = sf_producer_new(sender->options.broker, &options, &sender->producer, err);
    while (sf_retry_again(&retry, &status, err));
    if (!status) /* a failure is told to who opens a topic */
        (void)sf_producer_expect(sender->producer, sender->options.expected.names,
                                 sender->options.expected.count, NULL);
    for (size_t i = 0; !status && i < sender->topic_count; i++)
        status = open_handle(sender, sender->topics[i], err);
    return status;
}

static sender_topic *add_topic(sf_sender *sender, const char *name)
{
    sender_topic *topic = sf_zalloc(sizeof(*topic));

    topic->name = sf_text_copy(name);
    topic->number = sender->topic_count;
    sender->topics =
        sf_realloc_array(sender->topics, sender->topic_count + 1, sizeof(sender->topics[0]));
    sender->topics[sender->topic_count++] = topic;
    (void)sf_map_put(sender->by_name, sf_bytes_text(name), topic); /* it was not there */
    return topic;
}

static sf_status topic_of(sf_sender *sender, const char *name, sender_topic **topic, sf_error *err)
{
    sender_topic *found = sf_map_get(sender->by_name, sf_bytes_text(name));
    sf_status status = SF_OK;

    if (!found)
        found = add_topic(sender, name);
    if (!found->handle)
        status = open_handle(sender, found, err);
    if (!status)
        *topic = found;
    return status;
}

bool sf_sender_try_begin(sf_sender *sender)
{
    sf_status status;

    if (!is_transactional(sender) || sender->in_transaction)
        return true;
    status = sf_producer_begin(sender->producer, NULL); /* a failure is told to who begins next */
    sender->in_transaction = !status;
    return status != SF_RETRY;
}

static sf_status begin_if_needed(sf_sender *sender, sf_error *err)
{
    sf_retry retry;
    sf_status status;

    if (!is_transactional(sender) || sender->in_transaction)
        return SF_OK;
    retry = sf_retry_begin(sender->options.retry);
    do
        status = sf_producer_begin(sender->producer, err);
    while (sf_retry_again(&retry, &status, err));
    sender->in_transaction = !status;
    return status;
}

static sf_status send_all(sf_sender *sender, const sf_outgoing *records, size_t count,
                          sf_error *err)
{
    sf_retry retry = sf_retry_begin(sender->options.retry);
    size_t done = 0;
    sf_status status = begin_if_needed(sender, err);

    if (status)
        return status;
    do {
        size_t sent = 0;

        status = sf_producer_send(sender->producer, records + done, count - done, &sent, err);
        done += sent;
    } while (sf_retry_again(&retry, &status, err));
    return status;
}

static sf_outgoing *room_for(sf_sender *sender, size_t count)
{
    if (count > sender->outgoing_capacity) {
        sender->outgoing = sf_realloc_array(sender->outgoing, count, sizeof(sender->outgoing[0]));
        sender->outgoing_capacity = count;
    }
    return sender->outgoing;
}

static sf_status port_open(void *user, const char *name, size_t *number, sf_error *err)
{
    sender_topic *topic;
    sf_status status = topic_of(user, name, &topic, err);

    if (!status)
        *number = topic->number;
    return status;
}

static sf_status count_partitions(const sf_sender *sender, sender_topic *topic, sf_error *err)
{
    sf_retry retry = sf_retry_begin(sender->options.retry);
    sf_status status;

    do {
        status =
            sf_broker_partition_count(sender->options.broker, topic->name, &topic->partitions, err);
        if (!status && topic->partitions == 0)
            status = sf_fail(err, SF_NOT_FOUND, "there is no topic '%s'", topic->name);
    } while (sf_retry_again(&retry, &status, err));
    return status;
}

/* The broker's client looks at whole keys; where a part decides, it is done here. */
static sf_status choose_partition(const sf_sender *sender, const sf_output *output,
                                  sender_topic *topic, int32_t *partition, sf_error *err)
{
    sf_bytes key = output->record.key;
    sf_status status = SF_OK;

    *partition = output->partition;
    if (output->partition >= 0 || !output->key_tail)
        return SF_OK;
    if (topic->partitions == 0)
        status = count_partitions(sender, topic, err);
    key.size -= output->key_tail;
    if (!status)
        *partition = sf_partition_of_key(key, topic->partitions);
    return status;
}

static sf_status port_send(void *user, const sf_output *outputs, size_t count, sf_error *err)
{
    sf_sender *sender = user;
    sf_outgoing *outgoing = room_for(sender, count);
    sf_status status = SF_OK;

    for (size_t i = 0; !status && i < count; i++) {
        sender_topic *topic = sender->topics[outputs[i].topic];

        outgoing[i] = (sf_outgoing){.topic = topic->handle, .record = outputs[i].record};
        status = choose_partition(sender, &outputs[i], topic, &outgoing[i].partition, err);
    }
    return !status && count > 0 ? send_all(sender, outgoing, count, err) : status;
}

sf_output_port sf_sender_port(sf_sender *sender)
{
    return (sf_output_port){
        .open = port_open,
        .send = port_send,
        .user = sender,
        .record_max_bytes = sf_producer_record_max_bytes(sender->producer),
    };
}

sf_status sf_sender_send(sf_sender *sender, const char *name, int32_t partition,
                         const sf_record *record, sf_error *err)
{
    sender_topic *topic;
    sf_status status = topic_of(sender, name, &topic, err);

    if (!status)
        status = send_all(
            sender,
            &(sf_outgoing){.topic = topic->handle, .partition = partition, .record = *record}, 1,
            err);
    return status;
}

sf_status sf_sender_flush(sf_sender *sender, sf_error *err)
{
    sf_retry retry = sf_retry_begin(sender->options.retry);
    sf_status status;

    do
        status = sf_producer_flush(sender->producer, CALL_TIMEOUT_MS, err);
    while (sf_retry_again(&retry, &status, err));
    return status;
}

sf_status sf_sender_send_offsets(sf_sender *sender, const sf_offset *offsets, size_t count,
                                 const sf_group_token *token, sf_error *err)
{
    sf_retry retry;
    sf_status status = begin_if_needed(sender, err);

    if (status)
        return status;
    retry = sf_retry_begin(sender->options.retry);
    do {
        begin_call(sender, "put positions into the transaction");
        status = sf_producer_send_offsets(sender->producer, offsets, count, token, err);
        end_call(sender);
    } while (sf_retry_again(&retry, &status, err));
    return status;
}

sf_status sf_sender_commit(sf_sender *sender, sf_error *err)
{
    sf_retry retry = sf_retry_begin(sender->options.retry);
    sf_status status;

    do
        status = sf_producer_commit(sender->producer, CALL_TIMEOUT_MS, err);
    while (sf_retry_again(&retry, &status, err));
    if (!status)
        sender->in_transaction = false;
    return status;
}

sf_status sf_sender_abort(sf_sender *sender, sf_error *err)
{
    sf_retry retry = sf_retry_begin(sender->options.retry);
    sf_status status;

    if (!sender->in_transaction)
        return SF_OK;
    do
        status = sf_producer_abort(sender->producer, CALL_TIMEOUT_MS, err);
    while (sf_retry_again(&retry, &status, err));
    sender->in_transaction = status != SF_OK;
    return status;
}

int64_t sf_sender_end_offset(const sf_sender *sender, const char *name, int32_t partition)
{
    const sender_topic *topic = sf_map_get(sender->by_name, sf_bytes_text(name));

    return topic && topic->handle ? sf_producer_end_offset(topic->handle, partition)
                                  : SF_OFFSET_NONE;
}
