#include "kafka/kafka_producer.h"

#include <stdlib.h>

#include "base/memory.h"
#include "kafka/kafka_transaction.h"

enum {
    CLOSE_MS =
        1000, /* closing tries to end an open transaction, which others would else wait for */
    INIT_MS = 10 * 1000,
    LOOK_MS = 5, /* whether the beginning, which goes on by itself, is over */
};

typedef struct kafka_producer {
    sf_producer base;
    sf_kafka_sender sender;
    bool has_begun; /* its first transaction may be opened */
    bool is_open;   /* a transaction */
} kafka_producer;

static kafka_producer *of(sf_producer *producer)
{
    return (kafka_producer *)producer;
}

static void producer_close(sf_producer *base)
{
    kafka_producer *producer = of(base);

    producer->sender.is_closing = true;
    if (producer->is_open)
        (void)sf_kafka_transaction_abort(&producer->sender, CLOSE_MS,
                                         NULL); /* its timeout ends it */
    sf_kafka_sender_done(&producer->sender);
    free(producer);
}

static sf_status expect(sf_producer *producer, const char *const *topics, size_t count,
                        sf_error *err)
{
    return sf_kafka_sender_expect(&of(producer)->sender, topics, count, err);
}

static sf_status topic_open(sf_producer *producer, const char *name, sf_producer_topic **topic,
                            sf_error *err)
{
    return sf_kafka_sender_topic(&of(producer)->sender, name, topic, err);
}

static sf_status producer_send(sf_producer *producer, const sf_outgoing *records, size_t count,
                               size_t *sent, sf_error *err)
{
    return sf_kafka_sender_send(&of(producer)->sender, records, count, sent, err);
}

static void producer_poll(sf_producer *producer)
{
    rd_kafka_poll(of(producer)->sender.client, 0);
}

static sf_status producer_flush(sf_producer *producer, int32_t timeout_ms, sf_error *err)
{
    return sf_kafka_sender_flush(&of(producer)->sender, timeout_ms, err);
}

static int64_t end_offset(sf_producer_topic *topic, int32_t partition)
{
    return sf_kafka_sender_end_offset(topic, partition);
}

/* librdkafka asks once in half a second whether a transaction that was left open has ended. */
static sf_status begin_work(kafka_producer *producer, int32_t timeout_ms, sf_error *err)
{
    sf_status status = sf_kafka_transactions_init(&producer->sender, timeout_ms, err);

    producer->has_begun = !status;
    return status;
}

static sf_status begin(sf_producer *base, sf_error *err)
{
    kafka_producer *producer = of(base);
    sf_status status = producer->has_begun ? SF_OK : begin_work(producer, LOOK_MS, err);

    if (!status)
        status = sf_kafka_transaction_begin(&producer->sender, err);
    if (!status)
        producer->is_open = true;
    return status;
}

static sf_status send_offsets(sf_producer *producer, const sf_offset *offsets, size_t count,
                              const sf_group_token *token, sf_error *err)
{
    return sf_kafka_transaction_send_offsets(&of(producer)->sender, offsets, count, token, err);
}

static sf_status commit(sf_producer *base, int32_t timeout_ms, sf_error *err)
{
    kafka_producer *producer = of(base);
    sf_status status = sf_kafka_transaction_commit(&producer->sender, timeout_ms, err);

    if (!status)
        producer->is_open = false;
    return status;
}

/* One that is not open is aborted already. */
static sf_status abort_open(sf_producer *base, int32_t timeout_ms, sf_error *err)
{
    kafka_producer *producer = of(base);
    sf_status status;

    if (!producer->is_open)
        return SF_OK;
    status = sf_kafka_transaction_abort(&producer->sender, timeout_ms, err);
    if (!status)
        producer->is_open = false;
    return status;
}

static const sf_producer_ops ops = {
    .close = producer_close,
    .expect = expect,
    .topic_open = topic_open,
    .send = producer_send,
    .poll = producer_poll,
    .flush = producer_flush,
    .end_offset = end_offset,
    .begin = begin,
    .send_offsets = send_offsets,
    .commit = commit,
    .abort = abort_open,
};

static sf_status begin_work_as(kafka_producer *producer, const sf_producer_options *options,
                               sf_error *err)
{
    sf_status status;

    if (!options || !options->transactional_id)
        return SF_OK;
    status = begin_work(producer, options->begins_later ? LOOK_MS : INIT_MS, err);
    return status == SF_RETRY && options->begins_later ? SF_OK : status;
}

sf_status sf_kafka_producer_new(const sf_kafka_config *config, const sf_producer_options *options,
                                sf_producer **producer, sf_error *err)
{
    kafka_producer *made = sf_zalloc(sizeof(*made));
    sf_status status;

    made->base.ops = &ops;
    status = sf_kafka_sender_init(&made->sender, config, options, &ops, err);
    if (!status)
        status = begin_work_as(made, options, err);
    if (status)
        producer_close(&made->base);
    if (status)
        return status;
    made->base.record_max_bytes = sf_kafka_sender_record_max_bytes(&made->sender);
    *producer = &made->base;
    return SF_OK;
}
