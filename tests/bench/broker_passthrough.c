/* broker_passthrough.c - the same work as raw_passthrough.c through <stateful/broker.h>, without tasks
 * and topology: what the broker's interface alone costs.
 *
 * broker_passthrough ADDRESS IN_TOPIC OUT_TOPIC EVENTS [eos]
 * Prints one JSON line: events, records a second, processor time a record.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <stateful/connect.h>

#include "record/record_batch.h"
#include "support/stopwatch.h"

enum { BATCH = 4096, MOST_PARTITIONS = 64, ANSWER_MS = 30000 };

typedef struct passage {
    sf_broker *broker;
    sf_consumer *consumer;
    sf_producer *producer;
    sf_producer_topic *out;
    sf_reader *readers[MOST_PARTITIONS];
    sf_offset positions[MOST_PARTITIONS];
    int32_t partitions;
    bool is_transactional;
    sf_outgoing outgoing[BATCH];
} passage;

static void must(sf_status status, const sf_error *err)
{
    if (status) {
        fprintf(stderr, "broker_passthrough: %s\n", err->text);
        exit(1);
    }
}

static void open_all(passage *p, const char *address, const char *in, const char *out)
{
    sf_consumer_options reading = {.group = out, .queue_size_bytes = 64 << 20};
    sf_producer_options writing = {.transactional_id = p->is_transactional ? out : NULL};
    sf_error err;

    must(sf_broker_connect(address, NULL, &p->broker, &err), &err);
    must(sf_producer_new(p->broker, &writing, &p->producer, &err), &err);
    must(sf_producer_topic_open(p->producer, out, &p->out, &err), &err);
    must(sf_consumer_new(p->broker, &reading, &p->consumer, &err), &err);
    must(sf_broker_partition_count(p->broker, in, &p->partitions, &err), &err);
    for (int32_t i = 0; i < p->partitions && i < MOST_PARTITIONS; i++) {
        p->positions[i] = (sf_offset){in, i, 0, NULL};
        must(sf_consumer_add(p->consumer, in, i, SF_OFFSET_BEGINNING, &p->readers[i], &err), &err);
    }
}

static void send_all(passage *p, size_t count)
{
    size_t done = 0;

    while (done < count) {
        size_t sent = 0;
        sf_error err;
        sf_status status =
            sf_producer_send(p->producer, p->outgoing + done, count - done, &sent, &err);

        if (status != SF_RETRY)
            must(status, &err);
        done += sent;
    }
}

static long pass_batch(passage *p, int32_t partition)
{
    sf_record_batch *batch;
    sf_error err;
    long count;

    must(sf_reader_read(p->readers[partition], BATCH, &batch, &err), &err);
    if (!batch)
        return 0;
    count = (long)batch->count;
    for (long i = 0; i < count; i++)
        p->outgoing[i] = (sf_outgoing){p->out, SF_PARTITION_BY_KEY, batch->records[i].record, NULL};
    send_all(p, batch->count);
    p->positions[partition].offset = batch->position_after;
    batch->release(batch);
    return count;
}

static long pass_ready(passage *p)
{
    long done = 0;
    sf_error err;

    must(sf_consumer_poll(p->consumer, &err), &err);
    for (int32_t i = 0; i < p->partitions; i++)
        if (sf_reader_is_ready(p->readers[i]))
            done += pass_batch(p, i);
    if (!done)
        sf_consumer_wait(p->consumer, 10);
    return done;
}

static void begin(passage *p)
{
    sf_error err;

    if (p->is_transactional)
        must(sf_producer_begin(p->producer, &err), &err);
}

static void commit(passage *p)
{
    sf_group_token *token = sf_consumer_token(p->consumer);
    size_t count = (size_t)p->partitions;
    sf_error err;

    must(sf_producer_flush(p->producer, ANSWER_MS, &err), &err);
    if (p->is_transactional) {
        must(sf_producer_send_offsets(p->producer, p->positions, count, token, &err), &err);
        must(sf_producer_commit(p->producer, ANSWER_MS, &err), &err);
    } else {
        must(sf_consumer_commit(p->consumer, p->positions, count, &err), &err);
    }
    sf_group_token_free(token);
}

static void run(passage *p, long events)
{
    stopwatch began = stopwatch_now(), spent;
    double last_commit = 0;
    long done = 0, commits = 0;

    begin(p);
    while (done < events) {
        long got = pass_ready(p);

        if (done == 0 && got > 0)
            began = stopwatch_now();
        done += got;
        if (stopwatch_since(began).wall_s - last_commit < 0.1 && done < events)
            continue;
        commit(p);
        commits++;
        if (done < events)
            begin(p);
        last_commit = stopwatch_since(began).wall_s;
    }
    spent = stopwatch_since(began);
    printf("{\"bench\":\"broker_passthrough\",\"events\":%ld,\"commits\":%ld,\"wall_s\":%.3f,"
           "\"records_s\":%.0f,\"process_ns\":%.0f,\"thread_ns\":%.0f,\"peak_kib\":%ld}\n",
           done, commits, spent.wall_s, (double)done / spent.wall_s,
           spent.process_s * 1e9 / (double)done, spent.thread_s * 1e9 / (double)done,
           stopwatch_peak_kib());
}

int main(int count, char **words)
{
    static passage p;

    if (count < 5) {
        fprintf(stderr, "broker_passthrough ADDRESS IN_TOPIC OUT_TOPIC EVENTS [eos]\n");
        return 2;
    }
    p.is_transactional = count > 5;
    open_all(&p, words[1], words[2], words[3]);
    run(&p, atol(words[4]));
    sf_consumer_close(p.consumer);
    sf_producer_close(p.producer);
    sf_broker_close(p.broker);
    return 0;
}
