#include "task/record_queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "task/repartition_value.h"

enum { FIRST_CAPACITY = 8 }; /* a power of two, and so are those that follow */

void sf_record_queue_init(sf_record_queue *queue, const sf_node *source, bool is_repartition)
{
    memset(queue, 0, sizeof(*queue));
    queue->source = source;
    queue->is_repartition = is_repartition;
    queue->partition_time = -1;
    queue->arena = sf_arena_new();
}

void sf_record_queue_done(sf_record_queue *queue)
{
    sf_record_queue_clear(queue);
    free(queue->batches);
    sf_arena_free(queue->arena);
}

static sf_record_batch *first_batch(const sf_record_queue *queue)
{
    return queue->batch_count ? queue->batches[queue->batch_first] : NULL;
}

static void drop_first_batch(sf_record_queue *queue)
{
    sf_record_batch *batch = first_batch(queue);

    queue->batch_first = (queue->batch_first + 1) & (queue->batch_capacity - 1);
    queue->batch_count--;
    queue->next = 0;
    batch->release(batch);
}

/* Lets go of batches that are done; batches without any record only move the position. */
static void settle(sf_record_queue *queue)
{
    sf_record_batch *batch;

    while ((batch = first_batch(queue)) && queue->next == batch->count) {
        if (batch->position_after > queue->position)
            queue->position = batch->position_after;
        drop_first_batch(queue);
    }
}

static void grow(sf_record_queue *queue)
{
    size_t capacity = queue->batch_capacity ? queue->batch_capacity * 2 : FIRST_CAPACITY;
    sf_record_batch **batches = sf_realloc_array(NULL, capacity, sizeof(sf_record_batch *));

    for (size_t i = 0; i < queue->batch_count; i++)
        batches[i] = queue->batches[(queue->batch_first + i) & (queue->batch_capacity - 1)];
    free(queue->batches);
    queue->batches = batches;
    queue->batch_capacity = capacity;
    queue->batch_first = 0;
}

void sf_record_queue_push(sf_record_queue *queue, sf_record_batch *batch)
{
    if (queue->batch_count == queue->batch_capacity)
        grow(queue);
    queue->batches[(queue->batch_first + queue->batch_count) & (queue->batch_capacity - 1)] = batch;
    queue->batch_count++;
    queue->record_count += batch->count;
    settle(queue);
}

static sf_status unwrap(const sf_record_queue *queue, sf_record *record, sf_error *err)
{
    if (!queue->is_repartition)
        return SF_OK;
    return sf_repartition_value_decode(record->value, &record->value, &record->timestamp, err);
}

static sf_status extract_time(const sf_record_queue *queue, sf_record *record, sf_error *err)
{
    const sf_node *source = queue->source;

    if (source->timestamp)
        record->timestamp =
            source->timestamp(source->timestamp_user, record, queue->partition_time);
    if (record->timestamp < 0)
        return sf_reject(err, "the timestamp %lld is negative", (long long)record->timestamp);
    return SF_OK;
}

static sf_status deserialize(sf_record_queue *queue, sf_record *record, sf_error *err)
{
    const sf_node *source = queue->source;
    sf_status status = unwrap(queue, record, err);

    if (!status) {
        status = sf_serde_decode(source->key, record->key, queue->arena, &record->key, err);
        if (status)
            return sf_error_prefix(err, status, "key");
        status = sf_serde_decode(source->value, record->value, queue->arena, &record->value, err);
        if (status)
            return sf_error_prefix(err, status, "value");
        status = extract_time(queue, record, err);
    }
    return status;
}

const sf_queue_head *sf_record_queue_prepare(sf_record_queue *queue)
{
    sf_record_batch *batch = first_batch(queue);
    sf_queue_head *head = &queue->head;

    if (!batch)
        return NULL;
    sf_arena_reset(queue->arena);
    head->raw = &batch->records[queue->next];
    head->record = head->raw->record;
    head->status = deserialize(queue, &head->record, &queue->head_error);
    head->timestamp = head->record.timestamp;
    if (head->status && head->timestamp < 0)
        head->timestamp = 0;
    queue->head_is_ready = true;
    return head;
}

void sf_record_queue_pop(sf_record_queue *queue)
{
    queue->position = queue->head.raw->offset + 1;
    queue->head_is_ready = false;
    queue->record_count--;
    queue->next++;
    settle(queue);
}

void sf_record_queue_clear(sf_record_queue *queue)
{
    while (queue->batch_count)
        drop_first_batch(queue);
    queue->record_count = 0;
    queue->head_is_ready = false;
}
