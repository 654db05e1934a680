/* raw_pipeline.c - the straight-line twin of engine_pipeline.c (B2a): librdkafka and RocksDB, one thread,
 * no engine. Reads order events, looks the product's category up, keeps three sums in a hash table in
 * front of RocksDB, and every 100 ms writes what changed, sorted, with a changelog record each.
 *
 * raw_pipeline BOOTSTRAP ORDERS_TOPIC CHANGELOG_TOPIC EVENTS PRODUCTS STATE_DIR [eos]
 * Prints one JSON line: events, revenue, processor time an event.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <librdkafka/rdkafka.h>
#include <rocksdb/c.h>

#include <stateful/bytes.h>

#include "base/hash.h"
#include "base/memory.h"
#include "support/bench_orders.h"
#include "support/stopwatch.h"

enum { KEY_SIZE = 24, BATCH = 4096, BY_PRODUCT = 0, BY_CUSTOMER, BY_CATEGORY_MINUTE, FAMILIES };

typedef struct entry {
    char key[KEY_SIZE];
    bench_sum sum;
    uint8_t family;
    bool is_used;
    bool is_dirty;
} entry;

typedef struct pipeline {
    rd_kafka_t *consumer;
    rd_kafka_t *producer;
    rd_kafka_topic_t *changelog;
    rd_kafka_queue_t *queue;
    rocksdb_t *db;
    rocksdb_column_family_handle_t *families[FAMILIES + 1];
    rocksdb_writeoptions_t *write_options;
    rocksdb_readoptions_t *read_options;
    rocksdb_writebatch_t *batch;
    entry *entries;
    size_t mask;
    uint32_t *dirty;
    size_t dirty_count;
    int64_t positions[1024];
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

static void open_database(pipeline *p, const char *directory)
{
    static const char *const names[FAMILIES + 1] = {"by_product", "by_customer",
                                                    "by_category_minute", "default"};
    rocksdb_options_t *options = rocksdb_options_create();
    rocksdb_block_based_table_options_t *table = rocksdb_block_based_options_create();
    const rocksdb_options_t *each[FAMILIES + 1];
    char *error = NULL;

    rocksdb_block_based_options_set_block_cache(table, rocksdb_cache_create_lru(64 << 20));
    rocksdb_block_based_options_set_filter_policy(table,
                                                  rocksdb_filterpolicy_create_bloom_full(10));
    rocksdb_options_set_block_based_table_factory(options, table);
    rocksdb_options_set_create_if_missing(options, 1);
    rocksdb_options_set_create_missing_column_families(options, 1);
    rocksdb_options_set_compression(options, rocksdb_lz4_compression);
    rocksdb_options_set_max_total_wal_size(options, 32 << 20);
    for (int i = 0; i <= FAMILIES; i++)
        each[i] = options;
    p->db = rocksdb_open_column_families(options, directory, FAMILIES + 1, names, each, p->families,
                                         &error);
    must("database", error);
    p->write_options = rocksdb_writeoptions_create();
    p->read_options = rocksdb_readoptions_create();
    p->batch = rocksdb_writebatch_create();
}

static entry *find(pipeline *p, uint8_t family, const char *key)
{
    uint64_t hash = sf_hash(sf_bytes_of(key, KEY_SIZE)) + family * 0x9e3779b97f4a7c15u;
    char *error = NULL, *value;
    size_t size;

    for (size_t at = hash & p->mask;; at = (at + 1) & p->mask) {
        entry *e = &p->entries[at];

        if (e->is_used && e->family == family && !memcmp(e->key, key, KEY_SIZE))
            return e;
        if (e->is_used)
            continue;
        memcpy(e->key, key, KEY_SIZE);
        e->family = family;
        e->is_used = true;
        value = rocksdb_get_cf(p->db, p->read_options, p->families[family], key, strlen(key), &size,
                               &error);
        must("get", error);
        if (value)
            memcpy(&e->sum, value, sizeof(e->sum));
        free(value);
        return e;
    }
}

static void add(pipeline *p, uint8_t family, const char *key, const bench_order *order)
{
    entry *e = find(p, family, key);

    bench_sum_add(&e->sum, order);
    if (!e->is_dirty) {
        e->is_dirty = true;
        p->dirty[p->dirty_count++] = (uint32_t)(e - p->entries);
    }
}

static void process(pipeline *p, const rd_kafka_message_t *message)
{
    bench_order order;
    char key[KEY_SIZE];

    if (!bench_order_scan(message->payload, message->len, &order))
        must("event", "cannot be read");
    memset(key, 0, sizeof(key));
    memcpy(key, order.product, BENCH_ID_SIZE);
    add(p, BY_PRODUCT, key, &order);
    memcpy(key, order.customer, BENCH_ID_SIZE);
    add(p, BY_CUSTOMER, key, &order);
    memset(key, 0, sizeof(key));
    (void)snprintf(key, sizeof(key), "%.8s:%08x", bench_product_category(atol(order.product + 2)),
                   (unsigned)(order.time_ms / 60000));
    add(p, BY_CATEGORY_MINUTE, key, &order);
}

static entry *sorted_entries;

static int by_key(const void *left, const void *right)
{
    const entry *a = &sorted_entries[*(const uint32_t *)left];
    const entry *b = &sorted_entries[*(const uint32_t *)right];

    return a->family != b->family ? a->family - b->family : memcmp(a->key, b->key, KEY_SIZE);
}

static void log_change(pipeline *p, const entry *e)
{
    while (rd_kafka_produce(p->changelog, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY,
                            (void *)(uintptr_t)&e->sum, sizeof(e->sum), e->key, strlen(e->key),
                            NULL))
        rd_kafka_poll(p->producer, 1);
}

static void write_dirty(pipeline *p)
{
    sorted_entries = p->entries;
    qsort(p->dirty, p->dirty_count, sizeof(*p->dirty), by_key);
    for (size_t i = 0; i < p->dirty_count; i++) {
        entry *e = &p->entries[p->dirty[i]];

        rocksdb_writebatch_put_cf(p->batch, p->families[e->family], e->key, strlen(e->key),
                                  (const char *)&e->sum, sizeof(e->sum));
        log_change(p, e);
        e->is_dirty = false;
    }
    rocksdb_writebatch_put_cf(p->batch, p->families[FAMILIES], "positions", 9,
                              (const char *)p->positions, sizeof(p->positions));
    p->dirty_count = 0;
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
    char *error = NULL;

    if (p->is_transactional)
        must_kafka("begin", rd_kafka_begin_transaction(p->producer));
    write_dirty(p);
    if (p->is_transactional)
        end_transaction(p, topic, partitions);
    else
        must("flush", rd_kafka_flush(p->producer, 30000) ? "no answer" : NULL);
    rocksdb_write(p->db, p->write_options, p->batch, &error);
    must("write", error);
    rocksdb_writebatch_clear(p->batch);
}

static long read_batch(pipeline *p, rd_kafka_message_t **messages, int *partitions)
{
    ssize_t got = rd_kafka_consume_batch_queue(p->queue, 10, messages, BATCH);
    long done = 0;

    for (ssize_t i = 0; i < got; i++) {
        rd_kafka_message_t *message = messages[i];

        if (!message->err) {
            process(p, message);
            p->positions[message->partition] = message->offset + 1;
            if (message->partition >= *partitions)
                *partitions = message->partition + 1;
            done++;
        }
        rd_kafka_message_destroy(message);
    }
    return done;
}

static int64_t revenue_of(const pipeline *p, uint8_t family)
{
    int64_t revenue = 0;

    for (size_t i = 0; i <= p->mask; i++)
        if (p->entries[i].is_used && p->entries[i].family == family)
            revenue += p->entries[i].sum.revenue_minor;
    return revenue;
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
           done, revenue_of(p, BY_CATEGORY_MINUTE), commits, spent.wall_s,
           spent.process_s * 1e9 / (double)done, spent.thread_s * 1e9 / (double)done,
           stopwatch_peak_kib());
}

int main(int count, char **words)
{
    pipeline p = {.mask = (1 << 20) - 1};

    if (count < 7) {
        fprintf(stderr, "raw_pipeline BOOTSTRAP ORDERS_TOPIC CHANGELOG_TOPIC EVENTS PRODUCTS "
                        "STATE_DIR [eos]\n");
        return 2;
    }
    p.is_transactional = count > 7;
    p.entries = sf_zalloc((p.mask + 1) * sizeof(entry));
    p.dirty = sf_zalloc((p.mask + 1) * sizeof(*p.dirty));
    open_database(&p, words[6]);
    open_kafka(&p, words[1], words[3]);
    assign_all(&p, words[2]);
    run(&p, words[2], atol(words[4]));
    (void)fflush(stdout);
    _exit(0); /* the clients' and the database's threads need no farewell here */
}
