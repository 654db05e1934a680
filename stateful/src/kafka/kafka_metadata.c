#include "kafka/kafka_metadata.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kafka/kafka_error.h"

static rd_kafka_resp_err_t topic_error(const rd_kafka_metadata_topic_t *topic)
{
    if (topic->err)
        return topic->err;
    for (int i = 0; i < topic->partition_cnt; i++)
        if (topic->partitions[i].leader < 0)
            return RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static bool is_missing(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
           code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
}

static const rd_kafka_metadata_topic_t *topic_in(const struct rd_kafka_metadata *metadata,
                                                 const char *name)
{
    for (int i = 0; i < metadata->topic_cnt; i++)
        if (!strcmp(metadata->topics[i].topic, name))
            return &metadata->topics[i];
    return NULL;
}

static sf_kafka_topic_found found_in(const struct rd_kafka_metadata *metadata, const char *name)
{
    const rd_kafka_metadata_topic_t *topic = topic_in(metadata, name);
    rd_kafka_resp_err_t code = topic ? topic_error(topic) : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;

    if (is_missing(code))
        return (sf_kafka_topic_found){.partitions = 0};
    return (sf_kafka_topic_found){.partitions = code ? 0 : topic->partition_cnt, .code = code};
}

/* The topics that a handle has are what it asks for if it is not told which one: so each gets one for the
 * time of the question. */
static rd_kafka_resp_err_t ask_for_all(rd_kafka_t *client, rd_kafka_topic_t *const *handles,
                                       size_t count, const struct rd_kafka_metadata **metadata)
{
    return rd_kafka_metadata(client, 0, count == 1 ? handles[0] : NULL, metadata,
                             SF_KAFKA_QUERY_MS);
}

static void forget(rd_kafka_topic_t **handles, size_t count)
{
    for (size_t i = 0; i < count; i++)
        rd_kafka_topic_destroy(handles[i]);
    free(handles);
}

sf_status sf_kafka_topics_look_up(rd_kafka_t *client, const char *const *topics, size_t count,
                                  sf_kafka_topic_found *found, sf_error *err)
{
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_topic_t **handles = sf_realloc_array(NULL, count, sizeof(*handles));
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    size_t made = 0;

    while (made < count && (handles[made] = rd_kafka_topic_new(client, topics[made], NULL)))
        made++;
    code = made < count ? rd_kafka_last_error() : ask_for_all(client, handles, count, &metadata);
    for (size_t i = 0; i < count && !code; i++)
        found[i] = found_in(metadata, topics[i]);
    if (metadata)
        rd_kafka_metadata_destroy(metadata);
    forget(handles, made);
    if (code)
        return sf_kafka_fail(err, code, "topic %s%s cannot be looked up",
                             topics[made < count ? made : 0], count > 1 ? " and others" : "");
    return SF_OK;
}

sf_status sf_kafka_topic_partitions(rd_kafka_t *client, const char *topic, int32_t *partitions,
                                    sf_error *err)
{
    sf_kafka_topic_found found;
    sf_status status = sf_kafka_topics_look_up(client, &topic, 1, &found, err);

    if (status)
        return status;
    if (found.code)
        return sf_kafka_fail(err, found.code, "topic %s cannot be looked up", topic);
    *partitions = found.partitions;
    return SF_OK;
}

sf_status sf_kafka_topics_list(rd_kafka_t *client, sf_topic_fn fn, void *user, sf_error *err)
{
    const struct rd_kafka_metadata *metadata;
    rd_kafka_resp_err_t code = rd_kafka_metadata(client, 1, NULL, &metadata, SF_KAFKA_QUERY_MS);

    if (code)
        return sf_kafka_fail(err, code, "topics cannot be listed");
    for (int i = 0; i < metadata->topic_cnt; i++)
        if (!metadata->topics[i].err)
            fn(user, metadata->topics[i].topic, metadata->topics[i].partition_cnt);
    rd_kafka_metadata_destroy(metadata);
    return SF_OK;
}

/* A handle that has lost its broker may have forgotten where the partition is: whether there is none, or
 * it only is not known again yet, the broker tells; while it does not, nobody knows. */
static sf_status fail_query(rd_kafka_t *client, rd_kafka_resp_err_t code, const char *topic,
                            int32_t partition, sf_error *err)
{
    int32_t partitions;

    if ((is_missing(code) || code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION) &&
        (sf_kafka_topic_partitions(client, topic, &partitions, NULL) || partition < partitions))
        code = RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
    return sf_kafka_fail(err, code, "offsets of %s-%d cannot be asked for", topic, partition);
}

sf_status sf_kafka_offset_range(rd_kafka_t *client, const char *topic, int32_t partition,
                                int64_t *first, int64_t *end, sf_error *err)
{
    int64_t low;
    int64_t high;
    rd_kafka_resp_err_t code =
        rd_kafka_query_watermark_offsets(client, topic, partition, &low, &high, SF_KAFKA_QUERY_MS);

    if (code)
        return fail_query(client, code, topic, partition, err);
    *first = low;
    *end = high;
    return SF_OK;
}

/* A partition that the handle does not know is left as it was. */
static rd_kafka_resp_err_t first_unanswered(const rd_kafka_topic_partition_list_t *list)
{
    for (int i = 0; i < list->cnt; i++) {
        if (list->elems[i].err)
            return list->elems[i].err;
        if (list->elems[i].offset < 0)
            return RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
    }
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

/* The names of the two ends are times to the broker, too. */
sf_status sf_kafka_offsets_ask(rd_kafka_t *client, rd_kafka_topic_partition_list_t *list,
                               int64_t which, sf_error *err)
{
    rd_kafka_resp_err_t code;

    for (int i = 0; i < list->cnt; i++)
        list->elems[i].offset = which;
    code = rd_kafka_offsets_for_times(client, list, SF_KAFKA_QUERY_MS);
    if (!code)
        code = first_unanswered(list);
    if (code)
        return sf_kafka_fail(err, code, "offsets of %s-%d%s cannot be asked for",
                             list->elems[0].topic, (int)list->elems[0].partition,
                             list->cnt > 1 ? " and others" : "");
    return SF_OK;
}

sf_status sf_kafka_offset_for_time(rd_kafka_t *client, const char *topic, int32_t partition,
                                   int64_t timestamp_ms, int64_t *offset, sf_error *err)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_t *entry = rd_kafka_topic_partition_list_add(list, topic, partition);
    rd_kafka_resp_err_t code;

    /* Negative ones have a meaning of their own: -1 is the end, -2 the beginning. */
    entry->offset = timestamp_ms < 0 ? 0 : timestamp_ms;
    code = rd_kafka_offsets_for_times(client, list, SF_KAFKA_QUERY_MS);
    if (!code)
        code = entry->err;
    if (!code)
        *offset = entry->offset < 0 ? SF_OFFSET_END : entry->offset;
    rd_kafka_topic_partition_list_destroy(list);
    return code ? fail_query(client, code, topic, partition, err) : SF_OK;
}
