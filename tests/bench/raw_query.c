/* raw_query.c - the straight-line twin of query_topology.c (B2b): what query-service's topology does to the same
 * events, by librdkafka and RocksDB alone, one thread, exactly-once, a transaction each 100 ms.
 *
 *   orders -> order state (each version once) -> lines by product, a topic
 *          -> product sales, hourly sales, sale lines with the category they are booked under
 *          -> changes by category, a topic -> category revenue
 *
 * Seven tables are held whole, written to RocksDB and to a changelog each. Products are read to their end before
 * the first order, so that no line has to be booked anew.
 *
 * raw_query BOOTSTRAP SUFFIX EVENTS PRODUCTS LINES REVENUE STATE_DIR
 * EVENTS: of orders; LINES and REVENUE: what the categories have in the end. The topics are order-events SUFFIX and
 * product-events SUFFIX, as query_topology has filled them, and raw-lines, raw-categories and raw-changelog-0 to -5
 * with the suffix. Prints one JSON line.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/encoding.h"
#include "support/raw_table.h"
#include "support/stopwatch.h"

#define HOUR_MS INT64_C(3600000)

enum {
    BATCH = 4096,
    LINES_MAX = 3,
    PARTITIONS_MAX = 64,
    NAME_SIZE = 24,
    COMMIT_MS = 100,
    WAIT_MS = 30000
};
enum { PRODUCTS, ORDERS, SALES, HOURS, SALE_LINES, CATEGORIES, TABLES };
enum { FROM_PRODUCTS, FROM_ORDERS, FROM_LINES, FROM_CATEGORIES, INPUTS };

typedef struct product_row {
    char category[NAME_SIZE];
} product_row;

typedef struct order_line {
    int64_t product;
    int64_t quantity;
    int64_t cents; /* of one */
} order_line;

typedef struct order_row {
    int64_t version;
    int64_t sold_at;
    int64_t line_count;
    int64_t is_counted;
    order_line lines[LINES_MAX];
} order_row;

typedef struct sum_row {
    int64_t lines;
    int64_t quantity;
    int64_t cents;
    int64_t last_ms;
} sum_row;

typedef struct sale_line_row {
    int64_t cents;
    char category[NAME_SIZE];
} sale_line_row;

/* What travels by product. */
typedef struct line_change {
    int64_t order;
    int64_t index;
    int64_t product;
    int64_t sold_at;
    int64_t sign;
    int64_t quantity;
    int64_t cents; /* of all */
} line_change;

/* What travels by category. */
typedef struct category_change {
    int64_t lines;
    int64_t cents;
} category_change;

static const size_t value_sizes[TABLES] = {sizeof(product_row),   sizeof(order_row),
                                           sizeof(sum_row),       sizeof(sum_row),
                                           sizeof(sale_line_row), sizeof(sum_row)};

static raw_table tables[TABLES];
static char topics[INPUTS][128];
static int64_t positions[INPUTS][PARTITIONS_MAX];
static int32_t partition_counts[INPUTS];
static rd_kafka_t *consumer, *producer;
static rd_kafka_topic_t *lines_topic, *categories_topic;
static rocksdb_t *db;
static long orders_seen, products_seen;

/* ---- failures end it ---- */

static void must(const char *what, const char *error)
{
    if (error) {
        fprintf(stderr, "raw_query: %s: %s\n", what, error);
        exit(1);
    }
}

static void must_kafka(const char *what, rd_kafka_error_t *error)
{
    must(what, error ? rd_kafka_error_string(error) : NULL);
}

/* ---- events, by a plain scan ---- */

static const char *behind(const char *from, const char *end, const char *name)
{
    size_t size = strlen(name);
    const char *found = memmem(from, (size_t)(end - from), name, size);

    return found ? found + size : NULL;
}

static int64_t number_behind(const char *from, const char *end, const char *name)
{
    const char *at = behind(from, end, name);

    must(name, at ? NULL : "an event has none");
    return strtoll(at, NULL, 10); /* something that is no digit follows */
}

static int64_t cents_behind(const char *from, const char *end, const char *name)
{
    const char *at = behind(from, end, name);
    char *point = NULL;
    int64_t whole = at ? strtoll(at, &point, 10) : 0;

    must(name, at && *point == '.' ? NULL : "an event has none");
    return whole * 100 + strtoll(point + 1, NULL, 10);
}

/* ---- the steps ---- */

static void take_product(const rd_kafka_message_t *message)
{
    const char *json = message->payload, *end = json + message->len;
    product_row *row = raw_table_change(&tables[PRODUCTS], message->key, message->key_len);
    const char *name = behind(json, end, "\"category\":\"");
    const char *stop = name ? memchr(name, '"', (size_t)(end - name)) : NULL;

    must("category", stop && stop - name < NAME_SIZE ? NULL : "an event has none");
    memset(row, 0, sizeof(*row));
    memcpy(row->category, name, (size_t)(stop - name));
    products_seen++;
}

static void send_lines(int64_t id, const order_row *order, int64_t sign)
{
    for (int64_t i = 0; i < order->line_count; i++) {
        const order_line *line = &order->lines[i];
        line_change change = {id,
                              i,
                              line->product,
                              order->sold_at,
                              sign,
                              sign * line->quantity,
                              sign * line->quantity * line->cents};
        char key[NAME_SIZE];
        int size = snprintf(key, sizeof(key), "%" PRId64, line->product);

        raw_send(producer, lines_topic, key, (size_t)size, &change, sizeof(change), order->sold_at);
    }
}

static void read_lines(order_row *order, const char *json, const char *end)
{
    const char *at = json;

    while (order->line_count < LINES_MAX && (at = behind(at, end, "{\"productId\":"))) {
        order_line *line = &order->lines[order->line_count++];

        line->product = strtoll(at, NULL, 10);
        line->quantity = number_behind(at, end, "\"quantity\":");
        line->cents = cents_behind(at, end, "\"price\":");
    }
}

static void take_order(const rd_kafka_message_t *message)
{
    const char *json = message->payload, *end = json + message->len;
    int64_t id = number_behind(json, end, "\"aggregateId\":");
    int64_t version = number_behind(json, end, "\"version\":");
    order_row *order = raw_table_change(&tables[ORDERS], message->key, message->key_len);
    rd_kafka_timestamp_type_t type;

    orders_seen++;
    if (version <= order->version)
        return;
    order->version = version;
    if (behind(json, end, "\"OrderCreated\"")) {
        order->sold_at = rd_kafka_message_timestamp(message, &type);
        read_lines(order, json, end);
        order->is_counted = 1;
        send_lines(id, order, 1);
    } else if (order->is_counted && behind(json, end, "\"CANCELLED\"")) {
        order->is_counted = 0;
        send_lines(id, order, -1);
    }
}

static void add(sum_row *sum, const line_change *line)
{
    sum->lines += line->sign;
    sum->quantity += line->quantity;
    sum->cents += line->cents;
    if (line->sold_at > sum->last_ms)
        sum->last_ms = line->sold_at;
}

static void book(const line_change *line, const void *product, size_t product_size)
{
    const product_row *known = raw_table_find(&tables[PRODUCTS], product, product_size);
    uint8_t key[RAW_KEY_SIZE];
    category_change change = {line->sign, line->cents};
    sale_line_row *row;

    sf_put_be64(key, (uint64_t)line->product);
    sf_put_be64(key + 8, (uint64_t)line->sold_at);
    sf_put_be64(key + 16, (uint64_t)line->order);
    sf_put_be32(key + 24, (uint32_t)line->index);
    row = raw_table_change(&tables[SALE_LINES], key, 28);
    if (line->sign > 0)
        memcpy(row->category, known ? known->category : "UNKNOWN",
               known ? NAME_SIZE : sizeof("UNKNOWN"));
    row->cents += line->cents;
    raw_send(producer, categories_topic, row->category, strlen(row->category), &change,
             sizeof(change), line->sold_at);
}

static void take_line(const rd_kafka_message_t *message)
{
    line_change line;
    uint8_t hour[16];

    memcpy(&line, message->payload, sizeof(line));
    sf_put_be64(hour, (uint64_t)(line.sold_at / HOUR_MS * HOUR_MS));
    sf_put_be64(hour + 8, (uint64_t)line.product);
    add(raw_table_change(&tables[SALES], message->key, message->key_len), &line);
    add(raw_table_change(&tables[HOURS], hour, sizeof(hour)), &line);
    book(&line, message->key, message->key_len);
}

static void take_category(const rd_kafka_message_t *message)
{
    sum_row *sum = raw_table_change(&tables[CATEGORIES], message->key, message->key_len);
    category_change change;

    memcpy(&change, message->payload, sizeof(change));
    sum->lines += change.lines;
    sum->cents += change.cents;
}

static void take(const rd_kafka_message_t *message)
{
    static void (*const steps[INPUTS])(const rd_kafka_message_t *) = {take_product, take_order,
                                                                      take_line, take_category};
    const char *topic = rd_kafka_topic_name(message->rkt);
    int input = 0;

    while (strcmp(topics[input], topic))
        input++;
    steps[input](message);
    positions[input][message->partition] = message->offset + 1;
}

/* ---- commit ---- */

static void end_transaction(void)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(INPUTS);
    rd_kafka_consumer_group_metadata_t *group = rd_kafka_consumer_group_metadata(consumer);

    for (int input = 0; input < INPUTS; input++)
        for (int32_t i = 0; i < partition_counts[input]; i++)
            if (positions[input][i])
                rd_kafka_topic_partition_list_add(list, topics[input], i)->offset =
                    positions[input][i];
    must_kafka("offsets", rd_kafka_send_offsets_to_transaction(producer, list, group, WAIT_MS));
    must_kafka("commit", rd_kafka_commit_transaction(producer, WAIT_MS));
    rd_kafka_consumer_group_metadata_destroy(group);
    rd_kafka_topic_partition_list_destroy(list);
}

static void commit(void)
{
    rocksdb_writebatch_t *batch = rocksdb_writebatch_create();
    rocksdb_writeoptions_t *options = rocksdb_writeoptions_create();
    char *error = NULL;

    for (int i = 0; i < TABLES; i++)
        raw_table_write(&tables[i], batch, producer);
    rocksdb_writebatch_put_cf(batch, tables[ORDERS].family, "positions", 9, (const char *)positions,
                              sizeof(positions));
    end_transaction();
    rocksdb_write(db, options, batch, &error);
    must("write", error);
    must_kafka("begin", rd_kafka_begin_transaction(producer));
    rocksdb_writebatch_destroy(batch);
    rocksdb_writeoptions_destroy(options);
}

/* ---- opening ---- */

static rd_kafka_t *client(rd_kafka_type_t type, const char *bootstrap,
                          const char *const (*settings)[2])
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char why[256];
    rd_kafka_t *made;

    must("address",
         rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap, why, sizeof(why)) ? why : NULL);
    for (; (*settings)[0]; settings++)
        must((*settings)[0],
             rd_kafka_conf_set(conf, (*settings)[0], (*settings)[1], why, sizeof(why)) ? why
                                                                                       : NULL);
    made = rd_kafka_new(type, conf, why, sizeof(why));
    must("client", made ? NULL : why);
    return made;
}

static void open_kafka(const char *bootstrap, const char *suffix)
{
    static const char *const to_send[][2] = {{"transactional.id", "raw-query"},
                                             {"linger.ms", "2"},
                                             {"batch.num.messages", "10000"},
                                             {"compression.codec", "lz4"},
                                             {"queue.buffering.max.messages", "2000000"},
                                             {"retry.backoff.ms", "10"},
                                             {"partitioner", "murmur2_random"},
                                             {NULL, NULL}};
    static const char *const to_read[][2] = {{"group.id", "raw-query"},
                                             {"enable.auto.commit", "false"},
                                             {"isolation.level", "read_committed"},
                                             {"queued.min.messages", "2000000"},
                                             {"queued.max.messages.kbytes", "65536"},
                                             {"fetch.wait.max.ms", "10"},
                                             {NULL, NULL}};
    static const char *const names[INPUTS] = {"product-events", "order-events", "raw-lines",
                                              "raw-categories"};
    char name[160];

    for (int i = 0; i < INPUTS; i++)
        (void)snprintf(topics[i], sizeof(topics[i]), "%s%s", names[i], suffix); /* fits */
    producer = client(RD_KAFKA_PRODUCER, bootstrap, to_send);
    consumer = client(RD_KAFKA_CONSUMER, bootstrap, to_read);
    rd_kafka_poll_set_consumer(consumer);
    lines_topic = rd_kafka_topic_new(producer, topics[FROM_LINES], NULL);
    categories_topic = rd_kafka_topic_new(producer, topics[FROM_CATEGORIES], NULL);
    for (int i = 0; i < TABLES; i++) {
        (void)snprintf(name, sizeof(name), "raw-changelog-%d%s", i, suffix); /* fits */
        tables[i].changelog = rd_kafka_topic_new(producer, name, NULL);
    }
    must_kafka("init", rd_kafka_init_transactions(producer, WAIT_MS));
    must_kafka("begin", rd_kafka_begin_transaction(producer));
}

static void open_database(const char *directory)
{
    static const char *const names[TABLES + 1] = {"products", "orders",     "sales",  "hours",
                                                  "lines",    "categories", "default"};
    rocksdb_column_family_handle_t *families[TABLES + 1];
    const rocksdb_options_t *each[TABLES + 1];
    rocksdb_options_t *options = rocksdb_options_create();
    char *error = NULL;

    rocksdb_options_set_create_if_missing(options, 1);
    rocksdb_options_set_create_missing_column_families(options, 1);
    rocksdb_options_set_compression(options, rocksdb_lz4_compression);
    rocksdb_options_set_max_total_wal_size(options, 32 << 20);
    for (int i = 0; i <= TABLES; i++)
        each[i] = options;
    db =
        rocksdb_open_column_families(options, directory, TABLES + 1, names, each, families, &error);
    must("database", error);
    for (int i = 0; i < TABLES; i++) {
        raw_table_init(&tables[i], value_sizes[i]);
        tables[i].family = families[i];
    }
}

static void add_input(rd_kafka_topic_partition_list_t *list, int input)
{
    rd_kafka_topic_t *topic = rd_kafka_topic_new(consumer, topics[input], NULL);
    const rd_kafka_metadata_t *metadata;

    must("metadata",
         rd_kafka_metadata(consumer, 0, topic, &metadata, WAIT_MS) ? "no answer" : NULL);
    partition_counts[input] = metadata->topics[0].partition_cnt;
    must(topics[input], partition_counts[input] > PARTITIONS_MAX ? "too many partitions" : NULL);
    for (int32_t i = 0; i < partition_counts[input]; i++)
        rd_kafka_topic_partition_list_add(list, topics[input], i)->offset =
            RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_metadata_destroy(metadata);
    rd_kafka_topic_destroy(topic);
}

static void read_from(int first, int last)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(INPUTS);

    for (int input = first; input <= last; input++)
        add_input(list, input);
    must("assign", rd_kafka_assign(consumer, list) ? "refused" : NULL);
    rd_kafka_topic_partition_list_destroy(list);
}

/* ---- running ---- */

static void read_batch(rd_kafka_queue_t *queue)
{
    static rd_kafka_message_t *messages[BATCH];
    ssize_t got = rd_kafka_consume_batch_queue(queue, 10, messages, BATCH);

    for (ssize_t i = 0; i < got; i++) {
        if (!messages[i]->err)
            take(messages[i]);
        rd_kafka_message_destroy(messages[i]);
    }
    rd_kafka_poll(producer, 0);
}

static sum_row sum_of_categories(void)
{
    sum_row sum = {0};

    for (size_t i = 0; i <= tables[CATEGORIES].mask; i++) {
        const sum_row *row = (const void *)tables[CATEGORIES].rows[i].value;

        sum.lines += row->lines; /* zeros in empty slots */
        sum.cents += row->cents;
    }
    return sum;
}

static long run(rd_kafka_queue_t *queue, long events, sum_row expected)
{
    stopwatch began = stopwatch_now();
    double last_commit = 0;
    long commits = 0;

    for (;;) {
        double now = stopwatch_since(began).wall_s;

        read_batch(queue);
        if (now - last_commit < COMMIT_MS / 1e3)
            continue;
        commit();
        commits++;
        last_commit = now;
        if (orders_seen >= events && sum_of_categories().lines == expected.lines &&
            sum_of_categories().cents == expected.cents)
            return commits;
    }
}

int main(int count, char **words)
{
    rd_kafka_queue_t *queue;
    stopwatch began, spent;
    sum_row expected;
    long events, commits;

    must("raw_query",
         count == 8 ? NULL : "BOOTSTRAP SUFFIX EVENTS PRODUCTS LINES REVENUE STATE_DIR");
    events = atol(words[3]);
    expected = (sum_row){.lines = atoll(words[5]), .cents = atoll(words[6])};
    open_database(words[7]);
    open_kafka(words[1], words[2]);
    queue = rd_kafka_queue_get_consumer(consumer);
    began = stopwatch_now();
    read_from(FROM_PRODUCTS, FROM_PRODUCTS);
    while (products_seen < atol(words[4]))
        read_batch(queue);
    read_from(FROM_ORDERS, FROM_CATEGORIES);
    commits = run(queue, events, expected);
    spent = stopwatch_since(began);
    printf("{\"bench\":\"raw_query\",\"events\":%ld,\"lines\":%" PRId64 ",\"revenue\":%" PRId64
           ",\"commits\":%ld,\"process_ns\":%.0f,\"wall_ns\":%.0f,\"peak_kib\":%ld}\n",
           orders_seen + products_seen, sum_of_categories().lines, sum_of_categories().cents,
           commits, spent.process_s * 1e9 / (double)(orders_seen + products_seen),
           spent.wall_s * 1e9 / (double)(orders_seen + products_seen), stopwatch_peak_kib());
    (void)fflush(stdout);
    _exit(0); /* the clients' and the database's threads need no farewell here */
}
