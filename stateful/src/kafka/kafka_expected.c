#include "kafka/kafka_expected.h"

#include <stdlib.h>

#include "base/memory.h"
#include "kafka/kafka_metadata.h"

typedef struct held_topic {
    rd_kafka_topic_t *handle;
    int32_t partitions;
} held_topic;

void sf_kafka_expected_init(sf_kafka_expected *expected)
{
    expected->topics = sf_map_new();
}

static void let_go(held_topic *held)
{
    rd_kafka_topic_destroy(held->handle);
    free(held);
}

void sf_kafka_expected_done(sf_kafka_expected *expected)
{
    size_t position = 0;
    sf_bytes name;
    void *held;

    while (sf_map_next(expected->topics, &position, &name, &held))
        let_go(held);
    sf_map_free(expected->topics);
}

static held_topic *find(const sf_kafka_expected *expected, const char *topic)
{
    return sf_map_get(expected->topics, sf_bytes_text(topic));
}

static void hold(sf_kafka_expected *expected, rd_kafka_t *client, const char *topic,
                 int32_t partitions)
{
    rd_kafka_topic_t *handle = rd_kafka_topic_new(client, topic, NULL);
    held_topic *held;

    if (!handle)
        return;
    held = sf_alloc(sizeof(*held));
    *held = (held_topic){handle, partitions};
    (void)sf_map_put(expected->topics, sf_bytes_text(topic), held); /* it was not there */
}

sf_status sf_kafka_expected_add(sf_kafka_expected *expected, rd_kafka_t *client,
                                const char *const *topics, size_t count, sf_error *err)
{
    const char **unknown = sf_realloc_array(NULL, count, sizeof(*unknown));
    sf_kafka_topic_found *found = sf_zalloc(count * sizeof(*found));
    size_t asked = 0;
    sf_status status = SF_OK;

    for (size_t i = 0; i < count; i++)
        if (!find(expected, topics[i]))
            unknown[asked++] = topics[i];
    if (asked)
        status = sf_kafka_topics_look_up(client, unknown, asked, found, err);
    for (size_t i = 0; i < asked && !status; i++)
        if (found[i].partitions)
            hold(expected, client, unknown[i], found[i].partitions);
    free(found);
    free(unknown);
    return status;
}

int32_t sf_kafka_expected_partitions(const sf_kafka_expected *expected, const char *topic)
{
    const held_topic *held = find(expected, topic);

    return held ? held->partitions : 0;
}
