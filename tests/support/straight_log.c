#include "support/straight_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <stateful/broker.h>
#include <stateful/connect.h>

#include "base/memory.h"
#include "record/record_batch.h"

enum { BATCH = 4096 };

struct straight_log {
    sf_broker *broker;
    sf_consumer *consumer;
    sf_reader **readers;
    int64_t *positions;
    int partitions;
    sf_producer *producer;
    sf_producer_topic *changelog;
    sf_outgoing *out;
    size_t out_count, out_room;
};

static void must(sf_status status, const sf_error *err)
{
    if (status) {
        (void)fprintf(stderr, "straight-line log: %s\n", err->text);
        exit(1);
    }
}

static void open_producer(straight_log *log, const char *changelog)
{
    sf_topic_spec spec = {.name = changelog, .partitions = log->partitions};
    sf_error err;

    must(sf_broker_create_topic(log->broker, &spec, NULL, &err), &err);
    must(sf_producer_new(log->broker, &(sf_producer_options){.transactional_id = "straight"},
                         &log->producer, &err),
         &err);
    must(sf_producer_topic_open(log->producer, changelog, &log->changelog, &err), &err);
}

straight_log *straight_log_open(const char *address, const char *topic, const char *changelog,
                                int partitions)
{
    straight_log *log = sf_zalloc(sizeof(*log));
    sf_error err;

    log->partitions = partitions;
    log->readers = sf_zalloc((size_t)partitions * sizeof(sf_reader *));
    log->positions = sf_zalloc((size_t)partitions * sizeof(*log->positions));
    must(sf_broker_connect(address, NULL, &log->broker, &err), &err);
    open_producer(log, changelog);
    must(sf_consumer_new(log->broker, NULL, &log->consumer, &err), &err);
    for (int i = 0; i < partitions; i++)
        must(sf_consumer_add(log->consumer, topic, i, 0, &log->readers[i], &err), &err);
    return log;
}

/* ---- reading ---- */

static uint64_t read_some(straight_log *log, int partition, straight_record_fn fn, void *user)
{
    sf_record_batch *batch;
    sf_error err;
    uint64_t count;

    must(sf_reader_read(log->readers[partition], BATCH, &batch, &err), &err);
    if (!batch)
        return 0;
    for (size_t i = 0; i < batch->count; i++)
        fn(user, &batch->records[i].record);
    count = batch->count;
    log->positions[partition] = batch->position_after;
    batch->release(batch);
    return count;
}

uint64_t straight_log_read(straight_log *log, straight_record_fn fn, void *user)
{
    uint64_t count = 0;

    for (int i = 0; i < log->partitions; i++)
        count += read_some(log, i, fn, user);
    if (!count)
        usleep(100); /* the next stretch is on its way */
    return count;
}

const int64_t *straight_log_positions(const straight_log *log)
{
    return log->positions;
}

/* ---- writing ---- */

void straight_log_change(straight_log *log, sf_bytes key, sf_bytes value)
{
    if (log->out_count == log->out_room) {
        log->out_room = log->out_room ? 2 * log->out_room : 1024;
        log->out = sf_realloc_array(log->out, log->out_room, sizeof(*log->out));
    }
    log->out[log->out_count++] = (sf_outgoing){.topic = log->changelog,
                                               .partition = SF_PARTITION_BY_KEY,
                                               .record = {.key = key, .value = value}};
}

void straight_log_commit(straight_log *log)
{
    size_t done = 0, sent;
    sf_error err;

    must(sf_producer_begin(log->producer, &err), &err);
    for (; done < log->out_count; done += sent)
        must(sf_producer_send(log->producer, log->out + done, log->out_count - done, &sent, &err),
             &err);
    must(sf_producer_commit(log->producer, -1, &err), &err);
    log->out_count = 0;
}
