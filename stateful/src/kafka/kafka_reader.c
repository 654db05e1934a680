/* kafka_reader.c - a queue for each partition.
 *
 *  1 The queue is cut off from the consumer's main one before the partition is assigned: what was
 *    fetched until then would stay in the main queue for good.
 *  2 librdkafka rings when the empty queue gets an entry, not for further ones. So is_ready is cleared
 *    before messages are taken, and set again when as many came as were asked for.
 *  3 A positive timeout would wait for a full batch: it is always 0.
 *  4 After the partition is taken out of the assignment, what the queue still holds is never handed out
 *    (librdkafka's version barrier). Messages handed out before stay valid.
 *  5 The end-of-partition event carries the offset behind markers and aborted records: it moves the
 *    position though no record comes.
 *  6 librdkafka gives a partition up for one answer "out of range", which a broker that has just come back
 *    may give for an offset that it has. So the ends are asked for before that is believed. */
#include "kafka/kafka_reader.h"

#include <stdlib.h>

#include "base/memory.h"
#include "kafka/kafka_error.h"
#include "kafka/kafka_metadata.h"

enum { SEEK_MS = 1000, SEEK_TRIES = 3, LOOKS_MAX = 5 };

static rd_kafka_topic_partition_list_t *list_of(const sf_kafka_reader *reader, int64_t offset)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);

    rd_kafka_topic_partition_list_add(list, reader->topic, reader->partition)->offset = offset;
    return list;
}

/* A number for the names of offsets, so that a position is always one. */
static sf_status resolve(const sf_kafka_reader *reader, int64_t *offset, sf_error *err)
{
    int64_t first;
    int64_t end;
    sf_status status;

    if (*offset >= 0)
        return SF_OK;
    if (*offset != SF_OFFSET_BEGINNING && *offset != SF_OFFSET_END)
        return sf_fail(err, SF_INVALID, "%s-%d cannot be read from offset %lld", reader->topic,
                       reader->partition, (long long)*offset);
    status = sf_kafka_offset_range(reader->shared->client, reader->topic, reader->partition, &first,
                                   &end, err);
    if (!status)
        *offset = *offset == SF_OFFSET_BEGINNING ? first : end;
    return status;
}

/* On a thread of librdkafka, under the queue's lock. */
static void on_arrival(rd_kafka_t *client, void *opaque)
{
    sf_kafka_reader *reader = opaque;

    (void)client; /* the signature is librdkafka's */
    atomic_store(&reader->is_ready, true);
    sf_kafka_waker_ring(&reader->shared->waker);
}

static sf_status assign(sf_kafka_reader *reader, int64_t offset, sf_error *err)
{
    rd_kafka_topic_partition_list_t *list = list_of(reader, offset);
    rd_kafka_error_t *error;

    rd_kafka_queue_forward(reader->queue, NULL);
    error = rd_kafka_incremental_assign(reader->shared->client, list);
    rd_kafka_topic_partition_list_destroy(list);
    if (error)
        return sf_kafka_fail_take(err, error, "%s-%d cannot be added to what is read",
                                  reader->topic, reader->partition);
    reader->position = offset;
    return SF_OK;
}

static void unassign(sf_kafka_reader *reader)
{
    rd_kafka_topic_partition_list_t *list = list_of(reader, RD_KAFKA_OFFSET_INVALID);
    rd_kafka_error_t *error = rd_kafka_incremental_unassign(reader->shared->client, list);

    /* It was gone already: the consumer is closing, or its assignment was taken away as a whole. */
    if (error)
        rd_kafka_error_destroy(error);
    rd_kafka_topic_partition_list_destroy(list);
    reader->shared->took_out = true;
}

static void destroy(sf_kafka_reader *reader)
{
    if (reader->queue) {
        rd_kafka_queue_cb_event_enable(reader->queue, NULL, NULL);
        rd_kafka_queue_destroy(reader->queue);
    }
    free(reader->topic);
    free(reader);
}

static sf_status open_queue(sf_kafka_reader *reader, sf_error *err)
{
    reader->queue =
        rd_kafka_queue_get_partition(reader->shared->client, reader->topic, reader->partition);
    if (!reader->queue)
        return sf_fail(err, SF_BROKER, "%s-%d has no queue in librdkafka", reader->topic,
                       reader->partition);
    rd_kafka_queue_cb_event_enable(reader->queue, on_arrival, reader);
    return SF_OK;
}

sf_status sf_kafka_reader_new(sf_kafka_reading *shared, const char *topic, int32_t partition,
                              int64_t offset, sf_kafka_reader **reader, sf_error *err)
{
    sf_kafka_reader *made = sf_zalloc(sizeof(*made));
    sf_status status;

    made->base.ops = shared->ops;
    made->shared = shared;
    made->topic = sf_text_copy(topic);
    made->partition = partition;
    atomic_init(&made->is_ready, true);
    status = resolve(made, &offset, err);
    if (!status)
        status = open_queue(made, err);
    if (!status)
        status = assign(made, offset, err);
    if (status)
        destroy(made);
    else
        *reader = made;
    return status;
}

void sf_kafka_reader_free(sf_kafka_reader *reader, rd_kafka_topic_partition_list_t *leaving)
{
    if (!leaving)
        unassign(reader);
    else if (!rd_kafka_topic_partition_list_find(leaving, reader->topic, reader->partition))
        rd_kafka_topic_partition_list_add(leaving, reader->topic, reader->partition);
    destroy(reader);
}

static void note_failure(sf_kafka_reader *reader, const rd_kafka_message_t *message)
{
    if (reader->has_failed)
        return;
    (void)sf_kafka_fail(&reader->failure, message->err, "%s-%d cannot be read at offset %lld",
                        reader->topic, reader->partition, (long long)reader->position);
    /* What librdkafka tries again by itself is no failure of the reader. */
    reader->has_failed = reader->failure.status != SF_RETRY;
    reader->is_lost = message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET;
}

static void sort_in(sf_kafka_reader *reader, rd_kafka_message_t *message, sf_kafka_batch *batch)
{
    if (!message->err && message->offset >= reader->position && !reader->has_failed) {
        reader->position = message->offset + 1;
        reader->looks = 0;
        sf_kafka_batch_take(batch, message);
        return;
    }
    if (!message->err)
        reader->shared->dropped++;
    else if (message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF)
        note_failure(reader, message);
    else if (message->offset > reader->position)
        reader->position = message->offset;
    rd_kafka_message_destroy(message);
}

static sf_record_batch *take_arrived(sf_kafka_reader *reader, size_t max)
{
    rd_kafka_message_t **arrived = reader->shared->arrived;
    sf_kafka_batch *batch;
    ssize_t count;

    atomic_store(&reader->is_ready, false);
    count = rd_kafka_consume_batch_queue(reader->queue, 0, arrived, max);
    if (count <= 0)
        return NULL;
    if ((size_t)count == max)
        atomic_store(&reader->is_ready, true);
    batch = sf_kafka_batch_new(&reader->shared->batches, (size_t)count);
    for (ssize_t i = 0; i < count; i++)
        sort_in(reader, arrived[i], batch);
    return sf_kafka_batch_finish(batch, reader->position);
}

static rd_kafka_resp_err_t seek_in_place(const sf_kafka_reader *reader, int64_t offset)
{
    rd_kafka_topic_partition_list_t *list = list_of(reader, offset);
    rd_kafka_error_t *error = rd_kafka_seek_partitions(reader->shared->client, list, SEEK_MS);
    rd_kafka_resp_err_t code = list->elems[0].err;

    if (error) {
        code = rd_kafka_error_code(error);
        rd_kafka_error_destroy(error);
    }
    rd_kafka_topic_partition_list_destroy(list);
    return code;
}

/* Taking the partition out while the group rebalances would be taken for the answer to a revocation, so
 * a busy machine's missed time is no reason for it. */
static bool moves_in_place(const sf_kafka_reader *reader, int64_t offset)
{
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR__TIMED_OUT;

    for (int i = 0; i < SEEK_TRIES && code == RD_KAFKA_RESP_ERR__TIMED_OUT; i++)
        code = seek_in_place(reader, offset);
    return !code;
}

sf_status sf_kafka_reader_seek(sf_kafka_reader *reader, int64_t offset, sf_error *err)
{
    sf_status status = resolve(reader, &offset, err);

    if (status)
        return status;
    /* A reader that failed, or has not begun yet, is not fetching and cannot be moved in place. */
    if (!moves_in_place(reader, offset)) {
        unassign(reader);
        status = assign(reader, offset, err);
        if (status)
            return status;
    }
    reader->position = offset;
    reader->has_failed = reader->is_lost = false;
    atomic_store(&reader->is_ready, true);
    return SF_OK;
}

static sf_status fail_as_before(const sf_kafka_reader *reader, sf_error *err)
{
    return sf_fail_with(err, reader->failure.status, reader->failure.code, "%s",
                        reader->failure.text);
}

/* Goes on at the position if the broker has it after all (6). */
static sf_status look_again(sf_kafka_reader *reader, sf_error *err)
{
    int64_t first;
    int64_t end;
    sf_status status = sf_kafka_offset_range(reader->shared->client, reader->topic,
                                             reader->partition, &first, &end, err);

    if (status == SF_RETRY) {
        atomic_store(&reader->is_ready, true);
        return status;
    }
    if (status || reader->position < first || reader->position > end || reader->looks >= LOOKS_MAX)
        return fail_as_before(reader, err);
    reader->looks++;
    return sf_kafka_reader_seek(reader, reader->position, err);
}

sf_status sf_kafka_reader_read(sf_kafka_reader *reader, size_t max, sf_record_batch **batch,
                               sf_error *err)
{
    sf_record_batch *found = NULL;

    *batch = NULL;
    if (max > SF_KAFKA_BATCH_MAX)
        max = SF_KAFKA_BATCH_MAX;
    if (!reader->has_failed)
        found = take_arrived(reader, max);
    if (!found && reader->is_lost)
        return look_again(reader, err);
    if (!found && reader->has_failed)
        return fail_as_before(reader, err);
    if (reader->has_failed)
        atomic_store(&reader->is_ready, true); /* the failure comes after what was before it */
    *batch = found;
    return SF_OK;
}

bool sf_kafka_reader_is_ready(const sf_kafka_reader *reader)
{
    return atomic_load(&reader->is_ready);
}

/* What the latest fetch told. */
int64_t sf_kafka_reader_end(const sf_kafka_reader *reader)
{
    int64_t low = -1;
    int64_t high = -1;

    if (rd_kafka_get_watermark_offsets(reader->shared->client, reader->topic, reader->partition,
                                       &low, &high))
        return SF_OFFSET_NONE;
    return high < 0 ? SF_OFFSET_NONE : high;
}
