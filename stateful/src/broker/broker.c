/* broker.c - hands each call to the implementation behind the object. */
#include <stateful/broker.h>

#include "broker/broker_implementation.h"

void sf_broker_close(sf_broker *broker)
{
    if (broker)
        broker->ops->close(broker);
}

bool sf_broker_has_groups(const sf_broker *broker)
{
    return broker->ops->has_groups;
}

/* What can be tried again may mend itself; the rest is what its reader has to know. */
static const sf_error *gravest(const sf_topic_outcome *outcomes, size_t count)
{
    const sf_error *found = NULL;

    for (size_t i = 0; i < count; i++) {
        const sf_error *error = &outcomes[i].error;

        if (error->status && (!found || (found->status == SF_RETRY && error->status != SF_RETRY)))
            found = error;
    }
    return found;
}

sf_status sf_broker_create_topics(sf_broker *broker, const sf_topic_spec *specs, size_t count,
                                  sf_topic_outcome *outcomes, sf_error *err)
{
    const sf_error *failure;

    for (size_t i = 0; i < count; i++)
        outcomes[i] = (sf_topic_outcome){.partitions = 0};
    if (count)
        broker->ops->create_topics(broker, specs, count, outcomes);
    failure = gravest(outcomes, count);
    if (failure && err)
        *err = *failure;
    return failure ? failure->status : SF_OK;
}

sf_status sf_broker_create_topic(sf_broker *broker, const sf_topic_spec *spec, bool *created,
                                 sf_error *err)
{
    sf_topic_outcome outcome;
    sf_status status = sf_broker_create_topics(broker, spec, 1, &outcome, err);

    if (!status && created)
        *created = outcome.created;
    return status;
}

sf_status sf_broker_partition_counts(sf_broker *broker, const char *const *topics, size_t count,
                                     int32_t *partitions, sf_error *err)
{
    return count ? broker->ops->partition_counts(broker, topics, count, partitions, err) : SF_OK;
}

sf_status sf_broker_partition_count(sf_broker *broker, const char *topic, int32_t *partitions,
                                    sf_error *err)
{
    return sf_broker_partition_counts(broker, &topic, 1, partitions, err);
}

sf_status sf_broker_list_topics(sf_broker *broker, sf_topic_fn fn, void *user, sf_error *err)
{
    return broker->ops->list_topics(broker, fn, user, err);
}

sf_status sf_broker_topic_configs(sf_broker *broker, const char *topic, sf_topic_config_fn fn,
                                  void *user, sf_error *err)
{
    return broker->ops->topic_configs(broker, topic, fn, user, err);
}

sf_status sf_broker_delete_topic(sf_broker *broker, const char *topic, sf_error *err)
{
    return broker->ops->delete_topic(broker, topic, err);
}

sf_status sf_broker_delete_records(sf_broker *broker, const char *topic, int32_t partition,
                                   int64_t below_offset, sf_error *err)
{
    return broker->ops->delete_records(broker, topic, partition, below_offset, err);
}

sf_status sf_broker_grow_topic(sf_broker *broker, const char *topic, int32_t partitions,
                               sf_error *err)
{
    return broker->ops->grow_topic(broker, topic, partitions, err);
}

sf_status sf_broker_watermarks_of(sf_broker *broker, sf_partition_marks *partitions, size_t count,
                                  sf_error *err)
{
    return count ? broker->ops->watermarks(broker, partitions, count, err) : SF_OK;
}

sf_status sf_broker_watermarks(sf_broker *broker, const char *topic, int32_t partition,
                               sf_watermarks *watermarks, sf_error *err)
{
    sf_partition_marks one = {.topic = topic, .partition = partition};
    sf_status status = sf_broker_watermarks_of(broker, &one, 1, err);

    if (!status)
        *watermarks = one.marks;
    return status;
}

sf_status sf_broker_offset_for_time(sf_broker *broker, const char *topic, int32_t partition,
                                    int64_t timestamp_ms, int64_t *offset, sf_error *err)
{
    return broker->ops->offset_for_time(broker, topic, partition, timestamp_ms, offset, err);
}

sf_status sf_consumer_new(sf_broker *broker, const sf_consumer_options *options,
                          sf_consumer **consumer, sf_error *err)
{
    return broker->ops->consumer_new(broker, options, consumer, err);
}

void sf_consumer_close(sf_consumer *consumer)
{
    if (consumer)
        consumer->ops->close(consumer);
}

sf_status sf_consumer_subscribe(sf_consumer *consumer, const char *topic,
                                const sf_rebalance_listener *listener, sf_error *err)
{
    return consumer->ops->subscribe(consumer, topic, listener, err);
}

sf_status sf_consumer_poll(sf_consumer *consumer, sf_error *err)
{
    return consumer->ops->poll(consumer, err);
}

void sf_consumer_wait(sf_consumer *consumer, int32_t timeout_ms)
{
    consumer->ops->wait(consumer, timeout_ms);
}

void sf_consumer_wake(sf_consumer *consumer)
{
    consumer->ops->wake(consumer);
}

sf_status sf_consumer_expect(sf_consumer *consumer, const char *const *topics, size_t count,
                             sf_error *err)
{
    return count && consumer->ops->expect ? consumer->ops->expect(consumer, topics, count, err)
                                          : SF_OK;
}

sf_status sf_consumer_add(sf_consumer *consumer, const char *topic, int32_t partition,
                          int64_t offset, sf_reader **reader, sf_error *err)
{
    return consumer->ops->add(consumer, topic, partition, offset, reader, err);
}

void sf_consumer_remove(sf_consumer *consumer, sf_reader *reader)
{
    consumer->ops->remove(consumer, reader);
}

sf_status sf_reader_read(sf_reader *reader, size_t max, sf_record_batch **batch, sf_error *err)
{
    return reader->ops->read(reader, max, batch, err);
}

bool sf_reader_is_ready(const sf_reader *reader)
{
    return reader->ops->is_ready(reader);
}

int64_t sf_reader_position(const sf_reader *reader)
{
    return reader->ops->position(reader);
}

int64_t sf_reader_end(const sf_reader *reader)
{
    return reader->ops->end ? reader->ops->end(reader) : SF_OFFSET_NONE;
}

sf_status sf_reader_seek(sf_reader *reader, int64_t offset, sf_error *err)
{
    return reader->ops->seek(reader, offset, err);
}

sf_status sf_consumer_committed(sf_consumer *consumer, sf_offset *offsets, size_t count,
                                int32_t timeout_ms, sf_error *err)
{
    return consumer->ops->committed(consumer, offsets, count, timeout_ms, err);
}

sf_status sf_consumer_commit(sf_consumer *consumer, const sf_offset *offsets, size_t count,
                             sf_error *err)
{
    return consumer->ops->commit(consumer, offsets, count, err);
}

sf_group_token *sf_consumer_token(sf_consumer *consumer)
{
    return consumer->ops->token(consumer);
}

void sf_group_token_free(sf_group_token *token)
{
    if (token)
        token->free(token);
}

sf_status sf_producer_new(sf_broker *broker, const sf_producer_options *options,
                          sf_producer **producer, sf_error *err)
{
    return broker->ops->producer_new(broker, options, producer, err);
}

void sf_producer_close(sf_producer *producer)
{
    if (producer)
        producer->ops->close(producer);
}

sf_status sf_producer_expect(sf_producer *producer, const char *const *topics, size_t count,
                             sf_error *err)
{
    return count && producer->ops->expect ? producer->ops->expect(producer, topics, count, err)
                                          : SF_OK;
}

sf_status sf_producer_topic_open(sf_producer *producer, const char *name, sf_producer_topic **topic,
                                 sf_error *err)
{
    return producer->ops->topic_open(producer, name, topic, err);
}

sf_status sf_producer_send(sf_producer *producer, const sf_outgoing *records, size_t count,
                           size_t *sent, sf_error *err)
{
    return producer->ops->send(producer, records, count, sent, err);
}

size_t sf_producer_record_max_bytes(const sf_producer *producer)
{
    return producer->record_max_bytes;
}

void sf_producer_poll(sf_producer *producer)
{
    producer->ops->poll(producer);
}

sf_status sf_producer_flush(sf_producer *producer, int32_t timeout_ms, sf_error *err)
{
    return producer->ops->flush(producer, timeout_ms, err);
}

int64_t sf_producer_end_offset(sf_producer_topic *topic, int32_t partition)
{
    return topic->ops->end_offset(topic, partition);
}

sf_status sf_producer_begin(sf_producer *producer, sf_error *err)
{
    return producer->ops->begin(producer, err);
}

sf_status sf_producer_send_offsets(sf_producer *producer, const sf_offset *offsets, size_t count,
                                   const sf_group_token *token, sf_error *err)
{
    return producer->ops->send_offsets(producer, offsets, count, token, err);
}

sf_status sf_producer_commit(sf_producer *producer, int32_t timeout_ms, sf_error *err)
{
    return producer->ops->commit(producer, timeout_ms, err);
}

sf_status sf_producer_abort(sf_producer *producer, int32_t timeout_ms, sf_error *err)
{
    return producer->ops->abort(producer, timeout_ms, err);
}
