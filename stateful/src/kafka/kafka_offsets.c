#include "kafka/kafka_offsets.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kafka/kafka_error.h"

typedef struct kafka_token {
    sf_group_token base;
    rd_kafka_consumer_group_metadata_t *metadata;
    bool names_nobody; /* though its consumer is to be a member */
} kafka_token;

rd_kafka_topic_partition_list_t *sf_kafka_offset_list(const sf_offset *offsets, size_t count)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)count);

    for (size_t i = 0; i < count; i++) {
        rd_kafka_topic_partition_t *entry;

        if (offsets[i].offset < 0)
            continue;
        entry = rd_kafka_topic_partition_list_add(list, offsets[i].topic, offsets[i].partition);
        entry->offset = offsets[i].offset;
        if (offsets[i].metadata) {
            entry->metadata = sf_text_copy(offsets[i].metadata); /* goes with the list */
            entry->metadata_size = strlen(offsets[i].metadata);
        }
    }
    return list;
}

static rd_kafka_resp_err_t first_error(const rd_kafka_topic_partition_list_t *list)
{
    for (int i = 0; i < list->cnt; i++)
        if (list->elems[i].err)
            return list->elems[i].err;
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static void copy_committed(const rd_kafka_topic_partition_t *entry, sf_offset *offset,
                           sf_arena *texts)
{
    offset->offset = entry->offset < 0 ? SF_OFFSET_NONE : entry->offset;
    offset->metadata = NULL;
    if (entry->offset >= 0 && entry->metadata_size)
        offset->metadata =
            (const char *)sf_arena_copy(texts, sf_bytes_of(entry->metadata, entry->metadata_size))
                .data;
}

sf_status sf_kafka_committed(rd_kafka_t *client, sf_offset *offsets, size_t count,
                             int32_t timeout_ms, sf_arena *texts, sf_error *err)
{
    rd_kafka_topic_partition_list_t *list;
    rd_kafka_resp_err_t code;

    if (!count)
        return SF_OK;
    list = rd_kafka_topic_partition_list_new((int)count);
    for (size_t i = 0; i < count; i++)
        rd_kafka_topic_partition_list_add(list, offsets[i].topic, offsets[i].partition);
    code = rd_kafka_committed(client, list, timeout_ms);
    if (!code)
        code = first_error(list);
    for (size_t i = 0; i < count && !code; i++)
        copy_committed(&list->elems[i], &offsets[i], texts);
    rd_kafka_topic_partition_list_destroy(list);
    if (code)
        return sf_kafka_fail(err, code, "committed offsets of %s-%d and others are not known yet",
                             offsets[0].topic, offsets[0].partition);
    return SF_OK;
}

sf_status sf_kafka_commit(rd_kafka_t *client, const sf_offset *offsets, size_t count, sf_error *err)
{
    rd_kafka_topic_partition_list_t *list = sf_kafka_offset_list(offsets, count);
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;

    if (list->cnt)
        code = rd_kafka_commit(client, list, 0);
    if (!code)
        code = first_error(list);
    rd_kafka_topic_partition_list_destroy(list);
    if (code)
        return sf_kafka_fail(err, sf_kafka_cause(client, code), "offsets cannot be committed");
    return SF_OK;
}

static void free_token(sf_group_token *base)
{
    kafka_token *token = (kafka_token *)base;

    rd_kafka_consumer_group_metadata_destroy(token->metadata);
    free(token);
}

/* librdkafka shows what it holds in one form only, the one it keeps it in: a word, the generation as the
 * machine's int32, group and member as texts. A form that we do not know is taken for a member's: its
 * broker looks at it too. */
bool sf_kafka_names_member(const rd_kafka_consumer_group_metadata_t *metadata)
{
    static const char form[] = {'C', 'G', 'M', 'D', 'v', '2', ':'};
    const size_t start = sizeof(form) + sizeof(int32_t);
    void *text = NULL;
    size_t size = 0;
    int32_t generation = 0;
    bool names = true;
    rd_kafka_error_t *error = rd_kafka_consumer_group_metadata_write(metadata, &text, &size);

    if (error) {
        rd_kafka_error_destroy(error);
        return names;
    }
    if (size > start && !memcmp(text, form, sizeof(form))) {
        const char *group = (const char *)text + start;
        size_t member = start + strnlen(group, size - start) + 1;

        memcpy(&generation, (const char *)text + sizeof(form), sizeof(generation));
        names = generation >= 0 && member < size && ((const char *)text)[member] != '\0';
    }
    rd_kafka_mem_free(NULL, text);
    return names;
}

sf_group_token *sf_kafka_token_new(rd_kafka_t *client, bool is_subscribed)
{
    rd_kafka_consumer_group_metadata_t *metadata = rd_kafka_consumer_group_metadata(client);
    kafka_token *token;

    if (!metadata)
        return NULL;
    token = sf_alloc(sizeof(*token));
    token->base.free = free_token;
    token->metadata = metadata;
    token->names_nobody = is_subscribed && !sf_kafka_names_member(metadata);
    return &token->base;
}

sf_status sf_kafka_token_check(const sf_group_token *token, sf_error *err)
{
    if (((const kafka_token *)token)->names_nobody)
        return sf_fail_with(err, SF_ABORT_COMMIT, SF_BROKER,
                            "the consumer is no member of its group any more");
    return SF_OK;
}

const rd_kafka_consumer_group_metadata_t *sf_kafka_token_metadata(const sf_group_token *token)
{
    return ((const kafka_token *)token)->metadata;
}
