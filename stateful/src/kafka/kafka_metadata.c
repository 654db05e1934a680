#include "kafka/kafka_metadata.h"

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

sf_status sf_kafka_topic_partitions(rd_kafka_t *client, const char *topic, int32_t *partitions,
                                    sf_error *err)
{
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_topic_t *handle = rd_kafka_topic_new(client, topic, NULL);
    rd_kafka_resp_err_t code;

    if (!handle)
        return sf_kafka_fail(err, rd_kafka_last_error(), "topic %s cannot be looked up", topic);
    code = rd_kafka_metadata(client, 0, handle, &metadata, SF_KAFKA_QUERY_MS);
    if (!code)
        code = metadata->topic_cnt ? topic_error(&metadata->topics[0])
                                   : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    if (!code)
        *partitions = metadata->topics[0].partition_cnt;
    if (metadata)
        rd_kafka_metadata_destroy(metadata);
    rd_kafka_topic_destroy(handle);
    if (is_missing(code)) {
        *partitions = 0;
        return SF_OK;
    }
    if (code)
        return sf_kafka_fail(err, code, "topic %s cannot be looked up", topic);
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
