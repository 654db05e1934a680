/* raw_pipeline_journal.c - the straight-line twin of engine_pipeline.c (B2a) on the embedded log: one thread without the
 * engine reads the order events, keeps the sums (support/straight_sums.h), and every 100 ms writes what changed, with a
 * changelog record each in one transaction.
 *
 * raw_pipeline_journal ADDRESS ORDERS_TOPIC CHANGELOG_TOPIC EVENTS PARTITIONS STATE_DIR
 * Prints one JSON line: events, revenue, processor time an event.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <stateful/broker.h>
#include <stateful/connect.h>

#include "base/memory.h"
#include "record/record_batch.h"
#include "support/stopwatch.h"
#include "support/straight_sums.h"

enum { BATCH = 4096, PARTITIONS_MAX = 64 };

#define COMMIT_S 0.1

typedef struct pipeline {
    sf_broker *broker;
    sf_consumer *consumer;
    sf_reader *readers[PARTITIONS_MAX];
    int64_t positions[PARTITIONS_MAX];
    int partitions;
    sf_producer *producer;
    sf_producer_topic *changelog;
    sf_outgoing *out;
    size_t out_count, out_room;
    straight_sums *sums;
    long commits;
} pipeline;

static void must(sf_status status, const sf_error *err)
{
    if (status) {
        (void)fprintf(stderr, "raw_pipeline_journal: %s\n", err->text);
        exit(1);
    }
}

static void open_journal(pipeline *p, const char *address, const char *orders,
                         const char *changelog)
{
    sf_topic_spec spec = {.name = changelog, .partitions = p->partitions};
    sf_error err;

    must(sf_broker_connect(address, NULL, &p->broker, &err), &err);
    must(sf_broker_create_topic(p->broker, &spec, NULL, &err), &err);
    must(sf_producer_new(p->broker, &(sf_producer_options){.transactional_id = "raw-pipeline"},
                         &p->producer, &err),
         &err);
    must(sf_producer_topic_open(p->producer, changelog, &p->changelog, &err), &err);
    must(sf_consumer_new(p->broker, NULL, &p->consumer, &err), &err);
    for (int i = 0; i < p->partitions; i++)
        must(sf_consumer_add(p->consumer, orders, i, 0, &p->readers[i], &err), &err);
}

static long read_some(pipeline *p, int partition)
{
    sf_record_batch *batch;
    sf_error err;
    long count;

    must(sf_reader_read(p->readers[partition], BATCH, &batch, &err), &err);
    if (!batch)
        return 0;
    for (size_t i = 0; i < batch->count; i++) {
        sf_bytes event = batch->records[i].record.value;

        straight_sums_add(p->sums, (const char *)event.data, event.size);
    }
    count = (long)batch->count;
    p->positions[partition] = batch->position_after;
    batch->release(batch);
    return count;
}

/* ---- a commit ---- */

static void log_change(void *user, sf_bytes key, const bench_sum *sum)
{
    pipeline *p = user;

    if (p->out_count == p->out_room) {
        p->out_room = p->out_room ? 2 * p->out_room : 1024;
        p->out = sf_realloc_array(p->out, p->out_room, sizeof(*p->out));
    }
    p->out[p->out_count++] =
        (sf_outgoing){.topic = p->changelog,
                      .partition = SF_PARTITION_BY_KEY,
                      .record = {.key = key, .value = sf_bytes_of(sum, sizeof(*sum))}};
}

static void commit(pipeline *p)
{
    size_t done = 0, sent;
    sf_error err;

    straight_sums_changes(p->sums, log_change, p);
    must(sf_producer_begin(p->producer, &err), &err);
    for (; done < p->out_count; done += sent)
        must(sf_producer_send(p->producer, p->out + done, p->out_count - done, &sent, &err), &err);
    must(sf_producer_commit(p->producer, -1, &err), &err);
    straight_sums_write(p->sums, p->positions, (size_t)p->partitions);
    p->out_count = 0;
    p->commits++;
}

static void work(pipeline *p, long events)
{
    stopwatch committed = stopwatch_now();
    long done = 0;

    while (done < events) {
        long before = done;

        for (int i = 0; i < p->partitions; i++)
            done += read_some(p, i);
        if (done == before)
            usleep(100); /* the next stretch is on its way */
        if (stopwatch_since(committed).wall_s < COMMIT_S)
            continue;
        commit(p);
        committed = stopwatch_now();
    }
    commit(p);
}

int main(int count, char **words)
{
    pipeline p = {0};
    stopwatch spent;
    long events;

    if (count != 7) {
        (void)fprintf(stderr, "raw_pipeline_journal ADDRESS ORDERS_TOPIC CHANGELOG_TOPIC EVENTS "
                              "PARTITIONS STATE_DIR\n");
        return 2;
    }
    events = atol(words[4]);
    p.partitions = atoi(words[5]);
    p.sums = straight_sums_open(words[6]);
    open_journal(&p, words[1], words[2], words[3]);
    spent = stopwatch_now();
    work(&p, events);
    spent = stopwatch_since(spent);
    (void)printf("{\"bench\":\"raw_pipeline_journal\",\"events\":%ld,\"revenue\":%" PRId64
                 ",\"commits\":%ld,\"wall_s\":%.3f,\"process_ns\":%.0f,\"peak_kib\":%ld}\n",
                 events, straight_sums_revenue(p.sums), p.commits, spent.wall_s,
                 spent.process_s * 1e9 / (double)events, stopwatch_peak_kib());
    (void)fflush(stdout);
    _exit(0); /* the directory goes as a whole */
}
