/* raw_pipeline.c - the straight-line twin of engine_pipeline.c (B2a): librdkafka and RocksDB, one thread,
 * no engine. Reads order events, keeps the sums (support/straight_sums.h), and every 100 ms writes what
 * changed, with a changelog record each.
 *
 * raw_pipeline BOOTSTRAP ORDERS_TOPIC CHANGELOG_TOPIC EVENTS PRODUCTS STATE_DIR [eos]
 * Prints one JSON line: events, revenue, processor time an event.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/stopwatch.h"
#include "support/straight_sums.h"
#include <librdkafka/rdkafka.h>

enum { BATCH = 4096, PARTITIONS_MAX = 1024 };

typedef struct pipeline {
    rd_kafka_t *consumer;
    rd_kafka_t *producer;
    rd_kafka_topic_t *changelog;
    rd_kafka_queue_t *queue;
    straight_sums *sums;
    int64_t positions[PARTITIONS_MAX];
    bool is_transactional;
} pipeline;

static void must(const char *what, const char *error)
{
    if (error) {
        fprintf(stderr, "raw_pipeline: %s: %s\n", what, error);
        exit(1);
    }
}

static void must_kafka(const char *what, rd_kafka_error_t *error)
{
    must(what, error ? rd_kafka_error_string(error) : NULL);
}

static void set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
    char why[256];

    if (rd_kafka_conf_set(conf, name, value, why, sizeof(why)) != RD_KAFKA_CONF_OK)
        must(name, why);
}

static rd_kafka_t *open_client(rd_kafka_type_t type, rd_kafka_conf_t *conf, const char *bootstrap)
{
    char why[256];
    rd_kafka_t *client;

    set(conf, "bootstrap.servers", bootstrap);
    set(conf, "socket.nagle.disable", "true");
    client = rd_kafka_new(type, conf, why, sizeof(why));
    must("client", client ? NULL : why);
    return client;
}

static void open_kafka(pipeline *p, const char *bootstrap, const char *changelog)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    const rd_kafka_metadata_t *metadata;

    set(conf, "linger.ms", "5");
    set(conf, "batch.num.messages", "10000");
    set(conf, "compression.codec", "lz4");
    set(conf, "queue.buffering.max.messages", "2000000");
    if (p->is_transactional) {
        set(conf, "transactional.id", "raw-pipeline");
        set(conf, "retry.backoff.ms", "10");
    }
    p->producer = open_client(RD_KAFKA_PRODUCER, conf, bootstrap);
    if (p->is_transactional)
        must_kafka("init transactions", rd_kafka_init_transactions(p->producer, 30000));
    p->changelog = rd_kafka_topic_new(p->producer, changelog, NULL);
    must("metadata",
         rd_kafka_metadata(p->producer, 0, p->changelog, &metadata, 10000) ? "no answer" : NULL);
    rd_kafka_metadata_destroy(metadata);

    conf = rd_kafka_conf_new();
    set(conf, "group.id", "raw-pipeline");
    set(conf, "enable.auto.commit", "false");
    set(conf, "isolation.level", "read_committed");
    set(conf, "queued.min.messages", "2000000");
    set(conf, "queued.max.messages.kbytes", "65536");
    set(conf, "fetch.wait.max.ms", "10");
    p->consumer = open_client(RD_KAFKA_CONSUMER, conf, bootstrap);
    rd_kafka_poll_set_consumer(p->consumer);
    p->queue = rd_kafka_queue_get_consumer(p->consumer);
}

static void assign_all(pipeline *p, const char *topic)
{
    rd_kafka_topic_t *handle = rd_kafka_topic_new(p->consumer, topic, NULL);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(16);
    const rd_kafka_metadata_t *metadata;

    must("metadata",
         rd_kafka_metadata(p->consumer, 0, handle, &metadata, 10000) ? "no answer" : NULL);
    for (int i = 0; i < metadata->topics[0].partition_cnt; i++)
        rd_kafka_topic_partition_list_add(list, topic, i)->offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_metadata_destroy(metadata);
    rd_kafka_assign(p->consumer, list);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_topic_destroy(handle);
}

/* ---- a commit ---- */

static void log_change(void *user, sf_bytes key, const bench_sum *sum)
{
    pipeline *p = user;

    while (rd_kafka_produce(p->changelog, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY,
                            (void *)(uintptr_t)sum, sizeof(*sum), key.data, key.size, NULL))
        rd_kafka_poll(p->producer, 1);
}

static void end_transaction(pipeline *p, const char *topic, int partitions)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partitions);
    rd_kafka_consumer_group_metadata_t *group = rd_kafka_consumer_group_metadata(p->consumer);

    for (int i = 0; i < partitions; i++)
        rd_kafka_topic_partition_list_add(list, topic, i)->offset = p->positions[i];
    must_kafka("offsets", rd_kafka_send_offsets_to_transaction(p->producer, list, group, 30000));
    must_kafka("commit", rd_kafka_commit_transaction(p->producer, 30000));
    rd_kafka_consumer_group_metadata_destroy(group);
    rd_kafka_topic_partition_list_destroy(list);
}

static void commit(pipeline *p, const char *topic, int partitions)
{
    if (p->is_transactional)
        must_kafka("begin", rd_kafka_begin_transaction(p->producer));
    straight_sums_changes(p->sums, log_change, p);
    if (p->is_transactional)
        end_transaction(p, topic, partitions);
    else
        must("flush", rd_kafka_flush(p->producer, 30000) ? "no answer" : NULL);
    straight_sums_write(p->sums, p->positions, PARTITIONS_MAX);
}

static long read_batch(pipeline *p, rd_kafka_message_t **messages, int *partitions)
{
    ssize_t got = rd_kafka_consume_batch_queue(p->queue, 10, messages, BATCH);
    long done = 0;

    for (ssize_t i = 0; i < got; i++) {
        rd_kafka_message_t *message = messages[i];

        if (!message->err) {
            straight_sums_add(p->sums, message->payload, message->len);
            p->positions[message->partition] = message->offset + 1;
            if (message->partition >= *partitions)
                *partitions = message->partition + 1;
            done++;
        }
        rd_kafka_message_destroy(message);
    }
    return done;
}

static void run(pipeline *p, const char *topic, long events)
{
    static rd_kafka_message_t *messages[BATCH];
    stopwatch began = stopwatch_now(), spent;
    double last_commit = 0;
    int partitions = 0;
    long done = 0, commits = 0;

    while (done < events) {
        long got = read_batch(p, messages, &partitions);

        if (done == 0 && got > 0)
            began = stopwatch_now(); /* the first fetch waits for metadata */
        done += got;
        if (stopwatch_since(began).wall_s - last_commit >= 0.1 || done >= events) {
            commit(p, topic, partitions);
            last_commit = stopwatch_since(began).wall_s;
            commits++;
        }
    }
    spent = stopwatch_since(began);
    printf("{\"bench\":\"raw_pipeline\",\"events\":%ld,\"revenue\":%" PRId64
           ",\"commits\":%ld,\"wall_s\":%.3f,\"process_ns\":%.0f,\"thread_ns\":%.0f,\"peak_kib\":%"
           "ld}\n",
           done, straight_sums_revenue(p->sums), commits, spent.wall_s,
           spent.process_s * 1e9 / (double)done, spent.thread_s * 1e9 / (double)done,
           stopwatch_peak_kib());
}

int main(int count, char **words)
{
    pipeline p = {0};

    if (count < 7) {
        fprintf(stderr, "raw_pipeline BOOTSTRAP ORDERS_TOPIC CHANGELOG_TOPIC EVENTS PRODUCTS "
                        "STATE_DIR [eos]\n");
        return 2;
    }
    p.is_transactional = count > 7;
    p.sums = straight_sums_open(words[6]);
    open_kafka(&p, words[1], words[3]);
    assign_all(&p, words[2]);
    run(&p, words[2], atol(words[4]));
    (void)fflush(stdout);
    _exit(0); /* the clients' and the database's threads need no farewell here */
}
