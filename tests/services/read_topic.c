/* read_topic ADDRESS TOPIC - prints what a topic holds now, a JSON line a record, partition by
 * partition: for tests that look at the services from outside. Only committed records; a topic that is
 * not there is empty. */
#include <stdio.h>

#include <stateful/connect.h>

#include "record/record_batch.h"
#include "service/json_writer.h"

static void print_record(const sf_consumed_record *consumed, int32_t partition)
{
    const sf_record *record = &consumed->record;
    sf_buffer line = SF_BUFFER_EMPTY;
    sf_json_writer json;

    sf_json_writer_init(&json, &line);
    sf_json_write_object(&json, NULL);
    sf_json_write_integer(&json, "partition", partition);
    sf_json_write_integer(&json, "offset", consumed->offset);
    sf_json_write_integer(&json, "timestamp", record->timestamp);
    sf_json_write_bytes(&json, "key", record->key);
    sf_json_write_bytes(&json, "value", record->value);
    sf_json_write_object(&json, "headers");
    for (size_t i = 0; i < record->headers.count; i++)
        sf_json_write_bytes(&json, record->headers.items[i].name, record->headers.items[i].value);
    sf_json_write_end_object(&json);
    sf_json_write_end_object(&json);
    puts(sf_buffer_text(&line));
    sf_buffer_done(&line);
}

static void print_batch(sf_record_batch *batch, int32_t partition)
{
    for (size_t i = 0; i < batch->count; i++)
        print_record(&batch->records[i], partition);
    batch->release(batch);
}

static sf_status print_partition(sf_broker *broker, const char *topic, int32_t partition,
                                 sf_error *err)
{
    sf_watermarks marks;
    sf_consumer *consumer = NULL;
    sf_reader *reader;
    sf_status status = sf_broker_watermarks(broker, topic, partition, &marks, err);

    if (!status)
        status = sf_consumer_new(broker, NULL, &consumer, err);
    if (!status)
        status = sf_consumer_add(consumer, topic, partition, SF_OFFSET_BEGINNING, &reader, err);
    while (!status && marks.last_stable > marks.low &&
           sf_reader_position(reader) < marks.last_stable) {
        sf_record_batch *batch = NULL;

        status = sf_reader_read(reader, 1000, &batch, err);
        if (batch)
            print_batch(batch, partition);
        else if (!status)
            sf_consumer_wait(consumer, 100);
    }
    sf_consumer_close(consumer);
    return status;
}

static sf_status print_topic(sf_broker *broker, const char *topic, sf_error *err)
{
    int32_t partitions = 0;
    sf_status status = sf_broker_partition_count(broker, topic, &partitions, err);

    for (int32_t i = 0; i < partitions && !status; i++)
        status = print_partition(broker, topic, i, err);
    return status;
}

int main(int argc, char **argv)
{
    sf_broker *broker = NULL;
    sf_error err = {0};
    sf_status status;

    if (argc != 3) {
        fprintf(stderr, "read_topic ADDRESS TOPIC\n");
        return 2;
    }
    status = sf_broker_connect(argv[1], NULL, &broker, &err);
    if (!status)
        status = print_topic(broker, argv[2], &err);
    sf_broker_close(broker);
    if (status)
        fprintf(stderr, "read_topic: %s\n", err.text);
    return status ? 1 : 0;
}
