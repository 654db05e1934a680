#include "support/numbers.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <stateful/clock.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "check.h"
#include "record/record_batch.h"
#include "support/ask.h"

enum { PATIENCE_MS = 30000 };

static int64_t now_ms(void)
{
    return sf_clock_monotonic_us(sf_clock_system()) / 1000;
}

static void check_patience(int64_t began, const char *topic)
{
    if (now_ms() - began > PATIENCE_MS)
        fail_msg("topic %s: nothing more came for %d ms", topic, PATIENCE_MS);
}

static void wait_a_moment(void)
{
    const struct timespec moment = {0, 5 * 1000000};

    (void)nanosleep(&moment, NULL);
}

void numbers_topic(sf_broker *broker, const char *name, int32_t partitions)
{
    ask(sf_broker_create_topic(broker, &(sf_topic_spec){.name = name, .partitions = partitions},
                               NULL, err));
}

/* ---- writing ---- */

struct number_writer {
    sf_producer *producer;
};

number_writer *number_writer_open(sf_broker *broker)
{
    number_writer *writer = sf_zalloc(sizeof(*writer));

    ask(sf_producer_new(broker, NULL, &writer->producer, err));
    return writer;
}

void number_write(number_writer *writer, const char *topic, const char *key, int64_t value,
                  int64_t timestamp)
{
    uint8_t wire[8];
    sf_outgoing out = {
        .partition = SF_PARTITION_BY_KEY,
        .record = {.key = sf_bytes_text(key),
                   .value = sf_bytes_of(wire, sizeof(wire)),
                   .timestamp = timestamp},
    };
    size_t sent;

    sf_put_be64(wire, (uint64_t)value);
    ask(sf_producer_topic_open(writer->producer, topic, &out.topic, err));
    ask(sf_producer_send(writer->producer, &out, 1, &sent, err));
}

void number_writer_flush(number_writer *writer)
{
    ask(sf_producer_flush(writer->producer, PATIENCE_MS, err));
}

void number_writer_close(number_writer *writer)
{
    number_writer_flush(writer);
    sf_producer_close(writer->producer);
    free(writer);
}

/* ---- reading ---- */

static void add(number_list *list, const sf_consumed_record *consumed, int32_t partition)
{
    const sf_record *record = &consumed->record;
    number *item;

    list->items = sf_realloc_array(list->items, list->count + 1, sizeof(list->items[0]));
    item = &list->items[list->count++];
    *item = (number){
        .timestamp = record->timestamp, .partition = partition, .offset = consumed->offset};
    assert_true(record->key.size < NUMBER_KEY_SIZE);
    assert_int_equal(record->value.size, 8);
    memcpy(item->key, record->key.data, record->key.size);
    item->value = (int64_t)sf_get_be64(record->value.data);
}

static void read_partition(sf_broker *broker, const char *topic, int32_t partition,
                           bool uncommitted, number_list *list)
{
    const sf_consumer_options options = {.read_uncommitted = uncommitted};
    int64_t began = now_ms();
    int64_t end;
    sf_watermarks marks;
    sf_consumer *consumer;
    sf_reader *reader;

    ask(sf_broker_watermarks(broker, topic, partition, &marks, err));
    end = uncommitted ? marks.high : marks.last_stable;
    if (marks.low >= end)
        return;
    ask(sf_consumer_new(broker, &options, &consumer, err));
    ask(sf_consumer_add(consumer, topic, partition, marks.low, &reader, err));
    while (sf_reader_position(reader) < end) {
        sf_record_batch *batch;

        check_patience(began, topic);
        ask(sf_reader_read(reader, 4096, &batch, err));
        if (!batch)
            sf_consumer_wait(consumer, 50);
        for (size_t i = 0; batch && i < batch->count; i++)
            add(list, &batch->records[i], partition);
        if (batch)
            batch->release(batch);
    }
    sf_consumer_close(consumer);
}

static number_list read_all(sf_broker *broker, const char *topic, bool uncommitted)
{
    number_list list = {NULL, 0};
    int32_t partitions;

    ask(sf_broker_partition_count(broker, topic, &partitions, err));
    for (int32_t p = 0; p < partitions; p++)
        read_partition(broker, topic, p, uncommitted, &list);
    return list;
}

number_list numbers_read(sf_broker *broker, const char *topic)
{
    return read_all(broker, topic, false);
}

void number_list_free(number_list list)
{
    free(list.items);
}

size_t numbers_count(sf_broker *broker, const char *topic)
{
    number_list list = numbers_read(broker, topic);
    size_t count = list.count;

    number_list_free(list);
    return count;
}

size_t numbers_count_uncommitted(sf_broker *broker, const char *topic)
{
    number_list list = read_all(broker, topic, true);
    size_t count = list.count;

    number_list_free(list);
    return count;
}

void numbers_wait(sf_broker *broker, const char *topic, size_t count)
{
    int64_t began = now_ms();

    while (numbers_count(broker, topic) < count) {
        if (now_ms() - began > 2 * PATIENCE_MS)
            fail_msg("topic %s has %zu records, not %zu", topic, numbers_count(broker, topic),
                     count);
        wait_a_moment();
    }
}
