/* raw_passthrough.c - the straight-line twin of engine_passthrough.c (B1): librdkafka alone, one thread,
 * one queue. Reads records and sends key, value and time on, by key; commits every 100 ms.
 *
 * raw_passthrough BOOTSTRAP IN_TOPIC OUT_TOPIC EVENTS [eos]
 * Prints one JSON line: events, records a second, processor time a record.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <librdkafka/rdkafka.h>

#include "support/stopwatch.h"

enum { BATCH = 4096, MOST_PARTITIONS = 1024, ANSWER_MS = 30000 };

typedef struct passage {
    rd_kafka_t *consumer;
    rd_kafka_queue_t *queue;
    rd_kafka_t *producer;
    rd_kafka_topic_t *out;
    int64_t positions[MOST_PARTITIONS];
    int partitions;
    bool is_transactional;
} passage;

static long undelivered;

static void must(const char *what, const char *error)
{
    if (error) {
        fprintf(stderr, "raw_passthrough: %s: %s\n", what, error);
        exit(1);
    }
}

static void must_kafka(const char *what, rd_kafka_error_t *error)
{
    must(what, error ? rd_kafka_error_string(error) : NULL);
}

static void must_code(const char *what, rd_kafka_resp_err_t code)
{
    must(what, code ? rd_kafka_err2str(code) : NULL);
}

static void set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
    char why[256];

    if (rd_kafka_conf_set(conf, name, value, why, sizeof(why)) != RD_KAFKA_CONF_OK)
        must(name, why);
}

static void on_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque)
{
    (void)client;
    (void)opaque;
    undelivered += message->err != 0;
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

static int partitions_of(rd_kafka_t *client, rd_kafka_topic_t *topic)
{
    const rd_kafka_metadata_t *metadata;
    int count;

    must_code("metadata", rd_kafka_metadata(client, 0, topic, &metadata, ANSWER_MS));
    count = metadata->topics[0].partition_cnt;
    rd_kafka_metadata_destroy(metadata);
    return count;
}

static void open_producer(passage *p, const char *bootstrap, const char *out)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();

    set(conf, "enable.idempotence", "true");
    set(conf, "linger.ms", "2");
    set(conf, "batch.num.messages", "10000");
    set(conf, "compression.codec", "lz4");
    set(conf, "queue.buffering.max.messages", "500000");
    set(conf, "partitioner", "murmur2_random");
    set(conf, "delivery.report.only.error", "true");
    set(conf, "retry.backoff.ms", "10");
    if (p->is_transactional)
        set(conf, "transactional.id", out);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    p->producer = open_client(RD_KAFKA_PRODUCER, conf, bootstrap);
    if (p->is_transactional)
        must_kafka("init transactions", rd_kafka_init_transactions(p->producer, ANSWER_MS));
    p->out = rd_kafka_topic_new(p->producer, out, NULL);
    (void)partitions_of(p->producer, p->out); /* warms it */
}

static void open_consumer(passage *p, const char *bootstrap, const char *in, const char *group)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(16);
    rd_kafka_topic_t *topic;

    set(conf, "group.id", group);
    set(conf, "enable.auto.commit", "false");
    set(conf, "isolation.level", "read_committed");
    set(conf, "queued.min.messages", "2000000");
    set(conf, "queued.max.messages.kbytes", "65536");
    set(conf, "fetch.wait.max.ms", "10");
    p->consumer = open_client(RD_KAFKA_CONSUMER, conf, bootstrap);
    rd_kafka_poll_set_consumer(p->consumer);
    p->queue = rd_kafka_queue_get_consumer(p->consumer);
    topic = rd_kafka_topic_new(p->consumer, in, NULL);
    p->partitions = partitions_of(p->consumer, topic);
    rd_kafka_topic_destroy(topic);
    must("partitions", p->partitions > MOST_PARTITIONS ? "too many" : NULL);
    for (int i = 0; i < p->partitions; i++)
        rd_kafka_topic_partition_list_add(list, in, i)->offset = RD_KAFKA_OFFSET_BEGINNING;
    must_code("assign", rd_kafka_assign(p->consumer, list));
    rd_kafka_topic_partition_list_destroy(list);
}

static void pass_on(passage *p, const rd_kafka_message_t *message)
{
    rd_kafka_timestamp_type_t type;
    const rd_kafka_vu_t parts[] = {
        {.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = p->out},
        {.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = RD_KAFKA_PARTITION_UA},
        {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {message->key, message->key_len}},
        {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {message->payload, message->len}},
        {.vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = rd_kafka_message_timestamp(message, &type)},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
    };
    rd_kafka_error_t *error;

    while ((error = rd_kafka_produceva(p->producer, parts, sizeof(parts) / sizeof(parts[0])))) {
        if (rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR__QUEUE_FULL)
            must_kafka("produce", error);
        rd_kafka_error_destroy(error);
        rd_kafka_poll(p->producer, 5);
    }
    p->positions[message->partition] = message->offset + 1;
}

static long pass_batch(passage *p, rd_kafka_message_t **messages)
{
    ssize_t got = rd_kafka_consume_batch_queue(p->queue, 10, messages, BATCH);
    long done = 0;

    for (ssize_t i = 0; i < got; i++) {
        if (!messages[i]->err) {
            pass_on(p, messages[i]);
            done++;
        }
        rd_kafka_message_destroy(messages[i]);
    }
    rd_kafka_poll(p->producer, 0);
    return done;
}

static void begin(passage *p)
{
    if (p->is_transactional)
        must_kafka("begin", rd_kafka_begin_transaction(p->producer));
}

static void commit(passage *p, const char *in)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(p->partitions);
    rd_kafka_consumer_group_metadata_t *group = rd_kafka_consumer_group_metadata(p->consumer);

    for (int i = 0; i < p->partitions; i++)
        rd_kafka_topic_partition_list_add(list, in, i)->offset = p->positions[i];
    if (p->is_transactional) {
        must_kafka("offsets",
                   rd_kafka_send_offsets_to_transaction(p->producer, list, group, ANSWER_MS));
        must_kafka("commit", rd_kafka_commit_transaction(p->producer, ANSWER_MS));
    } else {
        must_code("flush", rd_kafka_flush(p->producer, ANSWER_MS));
        must_code("commit", rd_kafka_commit(p->consumer, list, 0));
    }
    must("delivery", undelivered ? "failed" : NULL);
    rd_kafka_consumer_group_metadata_destroy(group);
    rd_kafka_topic_partition_list_destroy(list);
}

static void report(stopwatch spent, long events, long commits)
{
    printf("{\"bench\":\"raw_passthrough\",\"events\":%ld,\"commits\":%ld,\"wall_s\":%.3f,"
           "\"records_s\":%.0f,\"process_ns\":%.0f,\"thread_ns\":%.0f,\"peak_kib\":%ld}\n",
           events, commits, spent.wall_s, (double)events / spent.wall_s,
           spent.process_s * 1e9 / (double)events, spent.thread_s * 1e9 / (double)events,
           stopwatch_peak_kib());
}

static void run(passage *p, const char *in, long events)
{
    static rd_kafka_message_t *messages[BATCH];
    stopwatch began = stopwatch_now();
    double last_commit = 0;
    long done = 0, commits = 0;

    begin(p);
    while (done < events) {
        long got = pass_batch(p, messages);

        if (done == 0 && got > 0)
            began = stopwatch_now(); /* the first fetch waits for metadata */
        done += got;
        if (stopwatch_since(began).wall_s - last_commit < 0.1 && done < events)
            continue;
        commit(p, in);
        commits++;
        if (done < events)
            begin(p);
        last_commit = stopwatch_since(began).wall_s;
    }
    report(stopwatch_since(began), done, commits);
}

int main(int count, char **words)
{
    static passage p;

    if (count < 5) {
        fprintf(stderr, "raw_passthrough BOOTSTRAP IN_TOPIC OUT_TOPIC EVENTS [eos]\n");
        return 2;
    }
    p.is_transactional = count > 5;
    open_producer(&p, words[1], words[3]);
    open_consumer(&p, words[1], words[2], words[3]);
    run(&p, words[2], atol(words[4]));
    (void)fflush(stdout);
    _exit(0); /* the clients' threads need no farewell here */
}
