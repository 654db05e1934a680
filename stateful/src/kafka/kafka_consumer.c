#include "kafka/kafka_consumer.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kafka/kafka_member.h"
#include "kafka/kafka_metadata.h"
#include "kafka/kafka_offsets.h"

typedef struct kafka_consumer {
    sf_consumer base;
    sf_kafka_member member;
    sf_arena *texts; /* metadata of the last committed offsets */
} kafka_consumer;

static kafka_consumer *of(sf_consumer *consumer)
{
    return (kafka_consumer *)consumer;
}

static sf_kafka_reader *reader_of(const sf_reader *reader)
{
    return (sf_kafka_reader *)reader;
}

static void consumer_close(sf_consumer *base)
{
    kafka_consumer *consumer = of(base);

    sf_kafka_member_done(&consumer->member);
    sf_arena_free(consumer->texts);
    free(consumer);
}

static sf_status consumer_subscribe(sf_consumer *base, const char *topic,
                                    const sf_rebalance_listener *listener, sf_error *err)
{
    return sf_kafka_member_subscribe(&of(base)->member, topic, listener, err);
}

static sf_status consumer_poll(sf_consumer *base, sf_error *err)
{
    return sf_kafka_member_poll(&of(base)->member, err);
}

static bool has_something(const void *user)
{
    const sf_kafka_member *member = user;

    if (atomic_load(&member->is_called))
        return true;
    for (const sf_kafka_reader *reader = member->readers; reader; reader = reader->next)
        if (sf_kafka_reader_is_ready(reader))
            return true;
    return false;
}

static void consumer_wait(sf_consumer *base, int32_t timeout_ms)
{
    sf_kafka_member *member = &of(base)->member;

    sf_kafka_waker_wait(&member->reading.waker, timeout_ms, has_something, member);
}

static void consumer_wake(sf_consumer *base)
{
    sf_kafka_waker_wake(&of(base)->member.reading.waker);
}

static sf_kafka_reader *find(const sf_kafka_member *member, const char *topic, int32_t partition)
{
    sf_kafka_reader *reader = member->readers;

    while (reader && (reader->partition != partition || strcmp(reader->topic, topic)))
        reader = reader->next;
    return reader;
}

static sf_status consumer_expect(sf_consumer *base, const char *const *topics, size_t count,
                                 sf_error *err)
{
    sf_kafka_member *member = &of(base)->member;

    return sf_kafka_expected_add(&member->expected, member->reading.client, topics, count, err);
}

/* From the time when it was expected, or when a reader of it was added; 0: from none. */
static int32_t known_partitions(const sf_kafka_member *member, const char *topic)
{
    const sf_kafka_reader *reader = member->readers;
    int32_t partitions = sf_kafka_expected_partitions(&member->expected, topic);

    while (!partitions && reader && strcmp(reader->topic, topic) != 0)
        reader = reader->next;
    return !partitions && reader ? reader->partition_count : partitions;
}

/* Asking for its metadata makes the topic known to the handle, which saves a second. */
static sf_status check_partition(const sf_kafka_member *member, const char *topic,
                                 int32_t partition, int32_t *partitions, sf_error *err)
{
    sf_status status;

    *partitions = known_partitions(member, topic);
    if (partition >= 0 && partition < *partitions)
        return SF_OK;
    status = sf_kafka_topic_partitions(member->reading.client, topic, partitions, err);
    if (!status && (partition < 0 || partition >= *partitions))
        return sf_fail(err, SF_NOT_FOUND, "there is no partition %d of topic %s, which has %d",
                       partition, topic, *partitions);
    return status;
}

static sf_status consumer_add(sf_consumer *base, const char *topic, int32_t partition,
                              int64_t offset, sf_reader **reader, sf_error *err)
{
    sf_kafka_member *member = &of(base)->member;
    sf_kafka_reader *made;
    int32_t partitions;
    sf_status status;

    if (find(member, topic, partition))
        return sf_fail(err, SF_EXISTS, "%s-%d is being read already", topic, partition);
    status = check_partition(member, topic, partition, &partitions, err);
    if (!status)
        status = sf_kafka_reader_new(&member->reading, topic, partition, offset, &made, err);
    if (status)
        return status;
    made->partition_count = partitions;
    made->next = member->readers;
    member->readers = made;
    *reader = &made->base;
    return SF_OK;
}

static void consumer_remove(sf_consumer *base, sf_reader *reader)
{
    sf_kafka_member *member = &of(base)->member;
    sf_kafka_reader **link = &member->readers;

    while (*link != reader_of(reader))
        link = &(*link)->next;
    *link = reader_of(reader)->next;
    sf_kafka_reader_free(reader_of(reader), member->leaving);
}

static sf_status reader_read(sf_reader *reader, size_t max, sf_record_batch **batch, sf_error *err)
{
    return sf_kafka_reader_read(reader_of(reader), max, batch, err);
}

static bool reader_is_ready(const sf_reader *reader)
{
    return sf_kafka_reader_is_ready(reader_of(reader));
}

static int64_t reader_end(const sf_reader *base)
{
    return sf_kafka_reader_end(reader_of(base));
}

static int64_t reader_position(const sf_reader *reader)
{
    return reader_of(reader)->position;
}

static sf_status reader_seek(sf_reader *reader, int64_t offset, sf_error *err)
{
    return sf_kafka_reader_seek(reader_of(reader), offset, err);
}

static sf_status check_group(const kafka_consumer *consumer, sf_error *err)
{
    if (!consumer->member.has_group)
        return sf_fail(err, SF_INVALID, "a consumer without a group has no committed offsets");
    return SF_OK;
}

static sf_status consumer_committed(sf_consumer *base, sf_offset *offsets, size_t count,
                                    int32_t timeout_ms, sf_error *err)
{
    kafka_consumer *consumer = of(base);
    sf_status status = check_group(consumer, err);

    if (status)
        return status;
    sf_arena_reset(consumer->texts);
    return sf_kafka_committed(consumer->member.reading.client, offsets, count, timeout_ms,
                              consumer->texts, err);
}

static sf_status consumer_commit(sf_consumer *base, const sf_offset *offsets, size_t count,
                                 sf_error *err)
{
    sf_status status = check_group(of(base), err);

    return status ? status : sf_kafka_commit(of(base)->member.reading.client, offsets, count, err);
}

static sf_group_token *consumer_token(sf_consumer *base)
{
    const sf_kafka_member *member = &of(base)->member;

    return member->has_group ? sf_kafka_token_new(member->reading.client, member->is_subscribed)
                             : NULL;
}

static const sf_consumer_ops ops = {
    .close = consumer_close,
    .subscribe = consumer_subscribe,
    .poll = consumer_poll,
    .wait = consumer_wait,
    .wake = consumer_wake,
    .expect = consumer_expect,
    .add = consumer_add,
    .remove = consumer_remove,
    .read = reader_read,
    .is_ready = reader_is_ready,
    .position = reader_position,
    .end = reader_end,
    .seek = reader_seek,
    .committed = consumer_committed,
    .commit = consumer_commit,
    .token = consumer_token,
};

sf_status sf_kafka_consumer_new(const sf_kafka_config *config, const sf_consumer_options *options,
                                sf_consumer **consumer, sf_error *err)
{
    static const sf_consumer_options none;
    kafka_consumer *made = sf_zalloc(sizeof(*made));
    sf_status status;

    made->base.ops = &ops;
    status = sf_kafka_member_init(&made->member, config, options ? options : &none, &ops, err);
    if (status) {
        free(made);
        return status;
    }
    made->texts = sf_arena_new();
    *consumer = &made->base;
    return SF_OK;
}
