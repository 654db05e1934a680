#include "support/broker_reading.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <stateful/clock.h>

#include "base/buffer.h"
#include "support/ask.h"

#define PATIENCE_US (30 * 1000 * 1000)

static int64_t now_us(void)
{
    return sf_clock_monotonic_us(sf_clock_system());
}

void send_text(sf_producer *producer, sf_producer_topic *topic, int32_t partition, const char *key,
               const char *value)
{
    sf_outgoing out = {
        .topic = topic,
        .partition = partition,
        .record = {sf_bytes_text(key), sf_bytes_text(value), 1000, {NULL, 0}},
    };
    size_t sent;

    assert_ok(sf_producer_send(producer, &out, 1, &sent, err));
    assert_int_equal(sent, 1);
}

sf_producer_topic *open_topic(sf_producer *producer, const char *name)
{
    sf_producer_topic *topic;

    ask(sf_producer_topic_open(producer, name, &topic, err));
    return topic;
}

void send_alone(sf_broker *broker, const char *topic, int32_t partition, const char *key,
                const char *value)
{
    sf_producer *producer;

    assert_ok(sf_producer_new(broker, NULL, &producer, err));
    send_text(producer, open_topic(producer, topic), partition, key, value);
    assert_ok(sf_producer_flush(producer, 30000, err));
    sf_producer_close(producer);
}

sf_reader *read_from(sf_consumer *consumer, const char *topic, int32_t partition, int64_t offset)
{
    sf_reader *reader;

    assert_ok(sf_consumer_add(consumer, topic, partition, offset, &reader, err));
    return reader;
}

sf_record_batch *next_batch(sf_consumer *consumer, sf_reader *reader, size_t max)
{
    int64_t end = now_us() + PATIENCE_US;
    sf_record_batch *batch = NULL;

    while (!batch) {
        assert_ok(sf_consumer_poll(consumer, err));
        assert_ok(sf_reader_read(reader, max, &batch, err));
        if (!batch && now_us() > end)
            fail_msg("no record came, position %lld", (long long)sf_reader_position(reader));
        if (!batch)
            sf_consumer_wait(consumer, 1000);
    }
    return batch;
}

char *next_values(sf_consumer *consumer, sf_reader *reader, size_t count)
{
    sf_buffer values = SF_BUFFER_EMPTY;

    while (count) {
        sf_record_batch *batch = next_batch(consumer, reader, count);

        for (size_t i = 0; i < batch->count; i++) {
            if (values.size)
                sf_buffer_add_text(&values, ",");
            sf_buffer_add_bytes(&values, batch->records[i].record.value);
        }
        count -= batch->count;
        batch->release(batch);
    }
    return sf_buffer_detach(&values);
}

void assert_next_values(sf_consumer *consumer, sf_reader *reader, const char *values)
{
    size_t count = 1;
    char *found;

    for (const char *at = values; *at; at++)
        count += *at == ',';
    found = next_values(consumer, reader, count);
    assert_string_equal(found, values);
    free(found);
}

size_t read_to(sf_consumer *consumer, sf_reader *reader, int64_t position)
{
    int64_t end = now_us() + PATIENCE_US;
    size_t count = 0;

    while (sf_reader_position(reader) < position) {
        sf_record_batch *batch = NULL;

        assert_ok(sf_consumer_poll(consumer, err));
        assert_ok(sf_reader_read(reader, 4096, &batch, err));
        if (batch) {
            count += batch->count;
            batch->release(batch);
        } else if (now_us() > end) {
            fail_msg("position stays at %lld, before %lld", (long long)sf_reader_position(reader),
                     (long long)position);
        } else {
            sf_consumer_wait(consumer, 1000);
        }
    }
    return count;
}

sf_watermarks settled_marks(sf_broker *broker, const char *topic, int32_t partition)
{
    int64_t end = now_us() + PATIENCE_US;
    sf_watermarks marks;

    for (;;) {
        sf_error error;
        sf_status status = sf_broker_watermarks(broker, topic, partition, &marks, &error);

        if (!status && marks.last_stable == marks.high)
            return marks;
        if (status && status != SF_RETRY)
            fail_msg("%s", error.text);
        if (now_us() > end)
            fail_msg("a transaction on %s-%d stays open", topic, partition);
        (void)nanosleep(&(struct timespec){.tv_nsec = 5 * 1000 * 1000}, NULL);
    }
}
