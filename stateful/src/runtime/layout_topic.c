#include "runtime/layout_topic.h"

#include <stdlib.h>

#include "base/memory.h"
#include "record/record_batch.h"
#include "runtime/app_topics.h"

enum {
    READ_RECORDS = 1000,
    WAIT_MS = 50,
    CALL_TIMEOUT_MS = 1000,
    TRANSACTION_TIMEOUT_MS = 10000,
};

void sf_layout_topic_init(sf_layout_topic *topic, sf_broker *broker, const char *application_id)
{
    *topic = (sf_layout_topic){
        .broker = broker,
        .name = sf_app_topics_layout_name(application_id),
        .writer_id = sf_text_printf("%s-layout", application_id),
    };
}

void sf_layout_topic_done(sf_layout_topic *topic)
{
    free(topic->name);
    free(topic->writer_id);
}

/* ---- reading ---- */

static sf_status take_batch(const sf_record_batch *batch, sf_layout_take_fn take, void *user,
                            sf_error *err)
{
    sf_status status = SF_OK;

    for (size_t i = 0; !status && i < batch->count; i++)
        status = take(user, &batch->records[i].record, err);
    return status;
}

/* All that is there now; SF_RETRY if that is not yet the end. */
static sf_status read_some(sf_consumer *consumer, sf_reader *reader, int64_t end,
                           sf_layout_take_fn take, void *user, sf_error *err)
{
    sf_status status = SF_OK;

    while (!status && sf_reader_position(reader) < end) {
        sf_record_batch *batch = NULL;

        status = sf_reader_read(reader, READ_RECORDS, &batch, err);
        if (status)
            return status;
        if (batch) {
            status = take_batch(batch, take, user, err);
            batch->release(batch);
        } else if (sf_reader_position(reader) < end) {
            sf_consumer_wait(consumer, WAIT_MS);
            status = sf_fail_with(err, SF_RETRY, SF_TIMED_OUT, "its end is not in sight");
        }
    }
    return status;
}

/* A broker that has just started does not know yet who leads the topic. */
static sf_status open_reader(const sf_layout_topic *topic, sf_retry_policy policy,
                             sf_consumer *consumer, sf_reader **reader, sf_error *err)
{
    sf_retry retry = sf_retry_begin(policy);
    sf_status status;

    do
        status = sf_consumer_add(consumer, topic->name, 0, topic->position, reader, err);
    while (sf_retry_again(&retry, &status, err));
    return status;
}

static sf_status read_up_to(sf_layout_topic *topic, sf_retry_policy policy, int64_t end,
                            sf_layout_take_fn take, void *user, sf_error *err)
{
    sf_retry retry;
    sf_consumer *consumer = NULL;
    sf_reader *reader = NULL;
    sf_status status = sf_consumer_new(topic->broker, NULL, &consumer, err);

    if (!status)
        status = open_reader(topic, policy, consumer, &reader, err);
    if (!status) {
        retry = sf_retry_begin(policy);
        do
            status = read_some(consumer, reader, end, take, user, err);
        while (sf_retry_again(&retry, &status, err));
    }
    if (!status)
        topic->position = sf_reader_position(reader);
    sf_consumer_close(consumer);
    return status;
}

sf_status sf_layout_topic_read(sf_layout_topic *topic, sf_retry_policy policy,
                               sf_layout_take_fn take, void *user, bool *is_end, sf_error *err)
{
    sf_retry retry = sf_retry_begin(policy);
    sf_watermarks marks;
    sf_status status;
    int64_t end = 0;

    do
        status = sf_broker_watermarks(topic->broker, topic->name, 0, &marks, err);
    while (sf_retry_again(&retry, &status, err));
    if (!status) {
        end = is_end ? marks.last_stable : marks.high;
        if (topic->position < marks.low)
            topic->position = marks.low;
    }
    if (!status && topic->position < end)
        status = read_up_to(topic, policy, end, take, user, err);
    if (!status && is_end)
        *is_end = marks.last_stable == marks.high;
    return sf_error_prefix(err, status, "reading topic %s", topic->name);
}

/* ---- writing ---- */

sf_status sf_layout_writer_open(sf_layout_writer *writer, const sf_layout_topic *topic,
                                sf_retry_policy policy, sf_error *err)
{
    const sf_producer_options options = {
        .transactional_id = topic->writer_id,
        .transaction_timeout_ms = TRANSACTION_TIMEOUT_MS,
    };
    sf_retry retry = sf_retry_begin(policy);
    sf_status status;

    *writer = (sf_layout_writer){.topic = topic, .retry = policy};
    do
        status = sf_producer_new(topic->broker, &options, &writer->producer, err);
    while (sf_retry_again(&retry, &status, err));
    return sf_error_prefix(err, status, "topic %s cannot be written", topic->name);
}

static sf_status send(sf_layout_writer *writer, const sf_record *record, sf_error *err)
{
    sf_outgoing outgoing = {.record = *record};
    size_t sent;
    sf_status status =
        sf_producer_topic_open(writer->producer, writer->topic->name, &outgoing.topic, err);

    return status ? status : sf_producer_send(writer->producer, &outgoing, 1, &sent, err);
}

static sf_status repeat(sf_layout_writer *writer, sf_status (*call)(sf_producer *, sf_error *),
                        sf_error *err)
{
    sf_retry retry = sf_retry_begin(writer->retry);
    sf_status status;

    do
        status = call(writer->producer, err);
    while (sf_retry_again(&retry, &status, err));
    return status;
}

static sf_status begin(sf_producer *producer, sf_error *err)
{
    return sf_producer_begin(producer, err);
}

static sf_status flush(sf_producer *producer, sf_error *err)
{
    return sf_producer_flush(producer, CALL_TIMEOUT_MS, err);
}

static sf_status commit(sf_producer *producer, sf_error *err)
{
    return sf_producer_commit(producer, CALL_TIMEOUT_MS, err);
}

static sf_status repeat_send(sf_layout_writer *writer, const sf_record *record, sf_error *err)
{
    sf_retry retry = sf_retry_begin(writer->retry);
    sf_status status;

    do
        status = send(writer, record, err);
    while (sf_retry_again(&retry, &status, err));
    return status;
}

sf_status sf_layout_topic_send(const sf_layout_topic *topic, sf_retry_policy policy,
                               const sf_record *record, sf_error *err)
{
    sf_layout_writer writer = {.topic = topic, .retry = policy};
    sf_status status = sf_producer_new(topic->broker, NULL, &writer.producer, err);

    if (!status)
        status = repeat_send(&writer, record, err);
    if (!status)
        status = repeat(&writer, flush, err);
    sf_layout_writer_close(&writer);
    return sf_error_prefix(err, status, "writing topic %s", topic->name);
}

sf_status sf_layout_writer_write(sf_layout_writer *writer, const sf_record *record, sf_error *err)
{
    sf_status status = repeat(writer, begin, err);

    if (!status)
        status = repeat_send(writer, record, err);
    if (!status)
        status = repeat(writer, flush, err);
    if (!status)
        status = repeat(writer, commit, err);
    return sf_error_prefix(err, status, "writing topic %s", writer->topic->name);
}

void sf_layout_writer_close(sf_layout_writer *writer)
{
    sf_producer_close(writer->producer);
    writer->producer = NULL;
}
