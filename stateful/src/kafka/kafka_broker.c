/* kafka_broker.c - the cluster as the whole process shares it.
 *
 * Questions and orders go through two handles made at first use. One is read_uncommitted, since only such
 * a one is told the real high watermark; the other is read_committed and is told the last stable
 * offset. librdkafka's handles may be used by all threads; the lock only guards their making. */
#include "kafka/kafka_broker.h"

#include <pthread.h>
#include <stdlib.h>

#include <stateful/broker_group.h>

#include "base/memory.h"
#include "broker/broker_implementation.h"
#include "kafka/kafka_admin.h"
#include "kafka/kafka_client.h"
#include "kafka/kafka_consumer.h"
#include "kafka/kafka_error.h"
#include "kafka/kafka_groups.h"
#include "kafka/kafka_metadata.h"
#include "kafka/kafka_producer.h"
#include "kafka/kafka_watermarks.h"

typedef struct kafka_broker {
    sf_broker base;
    sf_kafka_config config;
    pthread_mutex_t lock;
    rd_kafka_t *uncommitted;
    rd_kafka_t *committed;
} kafka_broker;

static kafka_broker *of(sf_broker *broker)
{
    return (kafka_broker *)broker;
}

static sf_status client_new(const kafka_broker *broker, const char *isolation, rd_kafka_t **client,
                            sf_error *err)
{
    char nobody[SF_KAFKA_NOBODY_SIZE];
    /* Without a group librdkafka crashes when it is told that another group's coordinator has moved (its
     * issue 5040). */
    const sf_broker_setting fixed[] = {
        {"group.id", nobody},
        {"isolation.level", isolation},
        {"enable.auto.commit", "false"},
        {NULL, NULL},
    };
    /* Joins no group, but a user's max.poll.interval.ms must not be below it. */
    static const sf_broker_setting defaults[] = {{"session.timeout.ms", "6000"}, {NULL, NULL}};
    const sf_kafka_client_options options = {
        .role = SF_KAFKA_ADMIN, .defaults = defaults, .fixed = fixed};

    sf_kafka_nobody(nobody);
    return sf_kafka_client_new(&broker->config, &options, client, err);
}

/* Made when it is first wanted. */
static sf_status handle(kafka_broker *broker, rd_kafka_t **slot, const char *isolation,
                        rd_kafka_t **client, sf_error *err)
{
    sf_status status = SF_OK;

    pthread_mutex_lock(&broker->lock);
    if (!*slot)
        status = client_new(broker, isolation, slot, err);
    *client = *slot;
    pthread_mutex_unlock(&broker->lock);
    return status;
}

static sf_status uncommitted(sf_broker *broker, rd_kafka_t **client, sf_error *err)
{
    return handle(of(broker), &of(broker)->uncommitted, "read_uncommitted", client, err);
}

static sf_status committed(sf_broker *broker, rd_kafka_t **client, sf_error *err)
{
    return handle(of(broker), &of(broker)->committed, "read_committed", client, err);
}

static void broker_close(sf_broker *base)
{
    kafka_broker *broker = of(base);

    if (broker->uncommitted)
        rd_kafka_destroy(broker->uncommitted);
    if (broker->committed)
        rd_kafka_destroy(broker->committed);
    pthread_mutex_destroy(&broker->lock);
    sf_kafka_config_done(&broker->config);
    free(broker);
}

static void create_topics(sf_broker *broker, const sf_topic_spec *specs, size_t count,
                          sf_topic_outcome *outcomes)
{
    rd_kafka_t *client;
    sf_error error = {0};

    if (uncommitted(broker, &client, &error)) {
        for (size_t i = 0; i < count; i++)
            outcomes[i].error = error;
        return;
    }
    sf_kafka_topics_create(client, of(broker)->config.clock, specs, count, outcomes);
}

static sf_status take_counts(const char *const *topics, const sf_kafka_topic_found *found,
                             size_t count, int32_t *partitions, sf_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (found[i].code)
            return sf_kafka_fail(err, found[i].code, "topic %s cannot be looked up", topics[i]);
        partitions[i] = found[i].partitions;
    }
    return SF_OK;
}

static sf_status partition_counts(sf_broker *broker, const char *const *topics, size_t count,
                                  int32_t *partitions, sf_error *err)
{
    sf_kafka_topic_found *found;
    rd_kafka_t *client;
    sf_status status = uncommitted(broker, &client, err);

    if (status)
        return status;
    found = sf_zalloc(count * sizeof(*found));
    status = sf_kafka_topics_look_up(client, topics, count, found, err);
    if (!status)
        status = take_counts(topics, found, count, partitions, err);
    free(found);
    return status;
}

static sf_status list_topics(sf_broker *broker, sf_topic_fn fn, void *user, sf_error *err)
{
    rd_kafka_t *client;
    sf_status status = uncommitted(broker, &client, err);

    return status ? status : sf_kafka_topics_list(client, fn, user, err);
}

static sf_status topic_configs(sf_broker *broker, const char *topic, sf_topic_config_fn fn,
                               void *user, sf_error *err)
{
    rd_kafka_t *client;
    sf_status status = uncommitted(broker, &client, err);

    return status ? status : sf_kafka_topic_configs(client, topic, fn, user, err);
}

static sf_status delete_topic(sf_broker *broker, const char *topic, sf_error *err)
{
    rd_kafka_t *client;
    sf_status status = uncommitted(broker, &client, err);

    return status ? status : sf_kafka_topic_delete(client, of(broker)->config.clock, topic, err);
}

static sf_status delete_records(sf_broker *broker, const char *topic, int32_t partition,
                                int64_t below_offset, sf_error *err)
{
    rd_kafka_t *client;
    sf_status status = uncommitted(broker, &client, err);

    return status ? status : sf_kafka_records_delete(client, topic, partition, below_offset, err);
}

static sf_status grow_topic(sf_broker *broker, const char *topic, int32_t partitions, sf_error *err)
{
    rd_kafka_t *client;
    sf_status status = uncommitted(broker, &client, err);

    return status ? status
                  : sf_kafka_topic_grow(client, of(broker)->config.clock, topic, partitions, err);
}

static sf_status watermarks(sf_broker *broker, sf_partition_marks *partitions, size_t count,
                            sf_error *err)
{
    rd_kafka_t *stable;
    rd_kafka_t *real;
    sf_status status = committed(broker, &stable, err);

    if (!status)
        status = uncommitted(broker, &real, err);
    return status ? status : sf_kafka_watermarks_ask(stable, real, partitions, count, err);
}

static sf_status offset_for_time(sf_broker *broker, const char *topic, int32_t partition,
                                 int64_t timestamp_ms, int64_t *offset, sf_error *err)
{
    rd_kafka_t *client;
    sf_status status = committed(broker, &client, err);

    return status ? status
                  : sf_kafka_offset_for_time(client, topic, partition, timestamp_ms, offset, err);
}

static sf_status list_groups(sf_broker *broker, sf_group_fn fn, void *user, sf_error *err)
{
    rd_kafka_t *client;
    sf_status status = uncommitted(broker, &client, err);

    return status ? status : sf_kafka_groups_list(client, fn, user, err);
}

static sf_status describe_group(sf_broker *broker, const char *group, sf_arena *arena,
                                sf_group_description *description, sf_error *err)
{
    rd_kafka_t *client;
    sf_status status = uncommitted(broker, &client, err);

    return status ? status : sf_kafka_group_describe(client, group, arena, description, err);
}

static sf_status group_offsets(sf_broker *broker, const char *group, sf_arena *arena,
                               const sf_offset **offsets, size_t *count, sf_error *err)
{
    rd_kafka_t *client;
    sf_status status = uncommitted(broker, &client, err);

    return status ? status : sf_kafka_group_offsets(client, group, arena, offsets, count, err);
}

static sf_status set_group_offsets(sf_broker *broker, const char *group, const sf_offset *offsets,
                                   size_t count, sf_error *err)
{
    rd_kafka_t *client;
    sf_status status = uncommitted(broker, &client, err);

    return status ? status : sf_kafka_group_set_offsets(client, group, offsets, count, err);
}

static sf_status consumer_new(sf_broker *broker, const sf_consumer_options *options,
                              sf_consumer **consumer, sf_error *err)
{
    return sf_kafka_consumer_new(&of(broker)->config, options, consumer, err);
}

static sf_status producer_new(sf_broker *broker, const sf_producer_options *options,
                              sf_producer **producer, sf_error *err)
{
    return sf_kafka_producer_new(&of(broker)->config, options, producer, err);
}

static const sf_broker_ops ops = {
    .has_groups = true,
    .close = broker_close,
    .create_topics = create_topics,
    .partition_counts = partition_counts,
    .list_topics = list_topics,
    .topic_configs = topic_configs,
    .delete_topic = delete_topic,
    .delete_records = delete_records,
    .grow_topic = grow_topic,
    .watermarks = watermarks,
    .offset_for_time = offset_for_time,
    .list_groups = list_groups,
    .describe_group = describe_group,
    .group_offsets = group_offsets,
    .set_group_offsets = set_group_offsets,
    .consumer_new = consumer_new,
    .producer_new = producer_new,
};

sf_status sf_kafka_open(const char *bootstrap_servers, const sf_broker_options *options,
                        sf_broker **broker, sf_error *err)
{
    kafka_broker *made = sf_zalloc(sizeof(*made));
    sf_status status = sf_kafka_config_init(&made->config, bootstrap_servers, options, err);

    if (status) {
        free(made);
        return status;
    }
    made->base.ops = &ops;
    pthread_mutex_init(&made->lock, NULL);
    *broker = &made->base;
    return SF_OK;
}
