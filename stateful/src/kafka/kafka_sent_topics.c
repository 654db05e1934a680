#include "kafka/kafka_sent_topics.h"

#include <stdlib.h>

#include "base/memory.h"
#include "kafka/kafka_error.h"
#include "kafka/kafka_metadata.h"

typedef struct sent_topic {
    sf_producer_topic base;
    rd_kafka_topic_t *handle;
    int64_t *ends;      /* by partition: behind the last record delivered */
    int32_t partitions; /* 0: not looked up yet */
} sent_topic;

void sf_kafka_sent_topics_init(sf_kafka_sent_topics *topics, rd_kafka_t *client,
                               const sf_producer_ops *ops)
{
    *topics = (sf_kafka_sent_topics){.client = client, .ops = ops, .by_name = sf_map_new()};
}

void sf_kafka_sent_topics_done(sf_kafka_sent_topics *topics)
{
    size_t position = 0;
    sf_bytes name;
    void *value;

    while (sf_map_next(topics->by_name, &position, &name, &value)) {
        sent_topic *topic = value;

        rd_kafka_topic_destroy(topic->handle);
        free(topic->ends);
        free(topic);
    }
    sf_map_free(topics->by_name);
}

/* ---- ends ---- */

void sf_kafka_sent_topic_note(void *opaque, int32_t partition, int64_t end)
{
    sent_topic *topic = opaque;

    if (partition >= topic->partitions) { /* the topic has grown */
        topic->ends = sf_realloc_array(topic->ends, (size_t)partition + 1, sizeof(*topic->ends));
        while (topic->partitions <= partition)
            topic->ends[topic->partitions++] = SF_OFFSET_NONE;
    }
    if (end > topic->ends[partition])
        topic->ends[partition] = end;
}

int64_t sf_kafka_sent_topic_end(const sf_producer_topic *base, int32_t partition)
{
    const sent_topic *topic = (const sent_topic *)base;

    return partition >= 0 && partition < topic->partitions ? topic->ends[partition]
                                                           : SF_OFFSET_NONE;
}

rd_kafka_topic_t *sf_kafka_sent_topic_handle(const sf_producer_topic *base)
{
    return ((const sent_topic *)base)->handle;
}

/* ---- opening ---- */

static rd_kafka_topic_t *new_handle(rd_kafka_t *client, const char *name, sent_topic *topic)
{
    rd_kafka_topic_conf_t *conf = rd_kafka_default_topic_conf_dup(client);

    rd_kafka_topic_conf_set_opaque(conf, topic);
    return rd_kafka_topic_new(client, name, conf);
}

static sf_status make(sf_kafka_sent_topics *topics, const char *name, sent_topic **topic,
                      sf_error *err)
{
    sent_topic *made = sf_zalloc(sizeof(*made));

    made->base.ops = topics->ops;
    made->handle = new_handle(topics->client, name, made);
    if (!made->handle) {
        free(made);
        return sf_kafka_fail(err, rd_kafka_last_error(), "topic %s cannot be sent to", name);
    }
    (void)sf_map_put(topics->by_name, sf_bytes_text(name), made); /* it was not there */
    *topic = made;
    return SF_OK;
}

static sent_topic *find(const sf_kafka_sent_topics *topics, const char *name)
{
    return sf_map_get(topics->by_name, sf_bytes_text(name));
}

static sf_status find_or_make(sf_kafka_sent_topics *topics, const char *name, sent_topic **topic,
                              sf_error *err)
{
    *topic = find(topics, name);
    return *topic ? SF_OK : make(topics, name, topic, err);
}

/* Asking for its metadata makes the topic known to the client, which saves a second. */
static sf_status look_up(const sf_kafka_sent_topics *topics, const char *name, sent_topic *topic,
                         sf_error *err)
{
    int32_t partitions;
    sf_status status = sf_kafka_topic_partitions(topics->client, name, &partitions, err);

    if (!status && !partitions)
        status = sf_fail(err, SF_NOT_FOUND, "there is no topic %s to send to", name);
    if (!status)
        sf_kafka_sent_topic_note(topic, partitions - 1, SF_OFFSET_NONE);
    return status;
}

sf_status sf_kafka_sent_topics_open(sf_kafka_sent_topics *topics, const char *name,
                                    sf_producer_topic **topic, sf_error *err)
{
    sent_topic *found;
    sf_status status = find_or_make(topics, name, &found, err);

    if (!status && !found->partitions)
        status = look_up(topics, name, found, err);
    if (!status)
        *topic = &found->base;
    return status;
}

/* Those that are not there stay unknown until they are opened. */
static sf_status look_up_all(const sf_kafka_sent_topics *topics, const char *const *names,
                             size_t count, sf_error *err)
{
    sf_kafka_topic_found *found = sf_zalloc(count * sizeof(*found));
    sf_status status = sf_kafka_topics_look_up(topics->client, names, count, found, err);

    for (size_t i = 0; i < count && !status; i++)
        if (found[i].partitions)
            sf_kafka_sent_topic_note(find(topics, names[i]), found[i].partitions - 1,
                                     SF_OFFSET_NONE);
    free(found);
    return status;
}

sf_status sf_kafka_sent_topics_expect(sf_kafka_sent_topics *topics, const char *const *names,
                                      size_t count, sf_error *err)
{
    const char **unknown = sf_realloc_array(NULL, count, sizeof(*unknown));
    size_t asked = 0;
    sf_status status = SF_OK;

    for (size_t i = 0; i < count && !status; i++) {
        sent_topic *topic;

        status = find_or_make(topics, names[i], &topic, err);
        if (!status && !topic->partitions)
            unknown[asked++] = names[i];
    }
    if (!status && asked)
        status = look_up_all(topics, unknown, asked, err);
    free(unknown);
    return status;
}
