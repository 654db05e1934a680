#include "testing/test_topics.h"

#include <stdlib.h>
#include <string.h>

#include <stateful/partitioner.h>

#include "base/memory.h"

void sf_test_topics_init(sf_test_topics *topics)
{
    *topics = (sf_test_topics){.memory = sf_arena_new()};
}

void sf_test_topics_done(sf_test_topics *topics)
{
    for (size_t i = 0; i < topics->count; i++) {
        sf_test_topic *topic = &topics->items[i];

        for (size_t k = 0; k < topic->log_count; k++) {
            free(topic->logs[k].records);
            sf_buffer_done(&topic->logs[k].metadata);
        }
        free(topic->logs);
        free(topic->name);
    }
    free(topics->items);
    sf_arena_free(topics->memory);
}

size_t sf_test_topics_find(const sf_test_topics *topics, const char *name)
{
    for (size_t i = 0; i < topics->count; i++)
        if (!strcmp(topics->items[i].name, name))
            return i;
    return SIZE_MAX;
}

size_t sf_test_topics_open(sf_test_topics *topics, const char *name, int32_t partitions)
{
    size_t found = sf_test_topics_find(topics, name);

    if (found != SIZE_MAX)
        return found;
    topics->items = sf_realloc_array(topics->items, topics->count + 1, sizeof(*topics->items));
    topics->items[topics->count] =
        (sf_test_topic){.name = sf_text_copy(name), .partitions = partitions};
    return topics->count++;
}

sf_test_log *sf_test_topics_log(sf_test_topics *topics, size_t topic, int32_t partition)
{
    sf_test_topic *at = &topics->items[topic];

    while (at->log_count <= (size_t)partition) {
        at->logs = sf_realloc_array(at->logs, at->log_count + 1, sizeof(*at->logs));
        at->logs[at->log_count++] = (sf_test_log){.position = -1};
    }
    return &at->logs[partition];
}

void sf_test_topics_append(sf_test_topics *topics, size_t topic, int32_t partition,
                           const sf_record *record)
{
    int32_t partitions = topics->items[topic].partitions;
    sf_test_log *log;

    if (partition < 0)
        partition = record->key.data ? sf_partition_of_key(record->key, partitions) : 0;
    log = sf_test_topics_log(topics, topic, partition);
    if (log->count == log->capacity) {
        log->capacity = log->capacity ? log->capacity * 2 : 16;
        log->records = sf_realloc_array(log->records, log->capacity, sizeof(*log->records));
    }
    log->records[log->count] =
        (sf_consumed_record){sf_record_copy(record, topics->memory), (int64_t)log->count};
    log->count++;
}

/* The record's bytes are the topics'; only the list of them is the batch's own. */
static void release(sf_record_batch *batch)
{
    free(batch);
}

sf_record_batch *sf_test_log_batch(const sf_test_log *log, size_t from, size_t to)
{
    size_t count = to - from;
    sf_record_batch *batch = sf_alloc(sizeof(*batch) + count * sizeof(*log->records));
    sf_consumed_record *records = (sf_consumed_record *)(void *)(batch + 1);

    if (count)
        memcpy(records, log->records + from, count * sizeof(*records));
    *batch = (sf_record_batch){records, count, (int64_t)to, release};
    return batch;
}

void sf_test_topics_commit(sf_test_topics *topics, size_t topic)
{
    sf_test_topic *at = &topics->items[topic];

    for (size_t i = 0; i < at->log_count; i++)
        at->logs[i].committed = at->logs[i].count;
}

void sf_test_topics_commit_all(sf_test_topics *topics)
{
    for (size_t i = 0; i < topics->count; i++)
        sf_test_topics_commit(topics, i);
}

bool sf_test_topics_has_uncommitted(const sf_test_topics *topics, size_t topic)
{
    const sf_test_topic *at = &topics->items[topic];

    for (size_t i = 0; i < at->log_count; i++)
        if (at->logs[i].count > at->logs[i].committed)
            return true;
    return false;
}

void sf_test_topics_abort(sf_test_topics *topics)
{
    for (size_t i = 0; i < topics->count; i++)
        for (size_t k = 0; k < topics->items[i].log_count; k++)
            topics->items[i].logs[k].count = topics->items[i].logs[k].committed;
}
