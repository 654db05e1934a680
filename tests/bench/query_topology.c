/* query_topology.c - query-service's whole topology on the whole runtime, exactly-once: order events
 * of one to three lines, a tenth of them cancelled later, over products in 20 categories.
 *
 * query_topology [ADDRESS [ORDERS [PRODUCTS [PARTITIONS [THREADS [STATE_DIR [SUFFIX]]]]]]]
 *
 * ADDRESS is memory: (the usual), file:DIR or a Kafka; SUFFIX is at the end of the topics' names and of the
 * application's id; 200,000 orders, 1,000 products, 4 partitions, one thread
 * and state in memory are usual. Everything is written first, then the application starts. Prints one
 * JSON line: wall and processor time an input event. The sums are checked against what was sent.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <stateful/stateful.h>

#include "base/memory.h"
#include "base/random.h"
#include "state/product_sales.h"
#include "support/stopwatch.h"
#include "topology/query_topology.h"

#define BEGIN_MS INT64_C(1772150400000)

enum { CATEGORIES = 20, LINES_MAX = 3, VALUE_SIZE = 512, SEED = 7 };

typedef struct bench_run {
    const char *address;
    const char *state_dir;
    const char *suffix;
    long orders;
    long products;
    int32_t partitions;
    int32_t threads;
    sf_broker *broker;
    sf_producer *producer;
    sf_producer_topic *order_topic;
    sf_producer_topic *customer_topic; /* nothing is sent there */
    sf_producer_topic *product_topic;
    sf_random random;
    sales_total expected;
    uint64_t events; /* sent */
} bench_run;

static void must(sf_status status, const sf_error *err)
{
    if (status) {
        fprintf(stderr, "query_topology: %s\n", err->text);
        exit(1);
    }
}

/* ---- what is sent ---- */

static void send_event(bench_run *bench, sf_producer_topic *topic, long id, const char *value)
{
    sf_outgoing out = {.topic = topic, .partition = SF_PARTITION_BY_KEY};
    char key[24];
    size_t sent;
    sf_error err;

    (void)snprintf(key, sizeof(key), "%ld", id); /* fits */
    out.record = (sf_record){
        .key = sf_bytes_text(key),
        .value = sf_bytes_text(value),
        .timestamp = BEGIN_MS + (int64_t)bench->events,
    };
    must(sf_producer_send(bench->producer, &out, 1, &sent, &err), &err);
    bench->events++;
}

static void send_product(bench_run *bench, long id)
{
    char value[VALUE_SIZE];

    (void)snprintf(value, sizeof(value),
                   "{\"eventType\":\"ProductCreated\",\"payload\":{\"id\":%ld,\"name\":\"Product "
                   "%ld\",\"category\":\"Category %ld\",\"price\":19.99},\"aggregateId\":%ld,"
                   "\"version\":1}",
                   id, id, id % CATEGORIES, id); /* fits */
    send_event(bench, bench->product_topic, id, value);
}

static void send_order(bench_run *bench, long id, bool is_kept)
{
    long lines = 1 + (long)sf_random_below(&bench->random, LINES_MAX);
    char value[VALUE_SIZE];
    int size =
        snprintf(value, sizeof(value),
                 "{\"eventType\":\"OrderCreated\",\"payload\":{\"id\":%ld,\"customerId\":%ld,"
                 "\"status\":\"CREATED\",\"items\":[",
                 id, id % 100000 + 1);

    for (long i = 0; i < lines; i++) {
        long product = 1 + (long)sf_random_below(&bench->random, (uint64_t)bench->products);
        long quantity = 1 + (long)sf_random_below(&bench->random, 5);
        long cents = 100 + (long)sf_random_below(&bench->random, 9900);

        size += snprintf(value + size, sizeof(value) - (size_t)size,
                         "%s{\"productId\":%ld,\"quantity\":%ld,\"price\":%ld.%02ld}", i ? "," : "",
                         product, quantity, cents / 100, cents % 100);
        if (is_kept) {
            bench->expected.amount.minor += quantity * cents;
            bench->expected.lines++;
        }
    }
    (void)snprintf(value + size, sizeof(value) - (size_t)size,
                   "]},\"aggregateId\":%ld,\"version\":1}", id); /* fits: three lines at most */
    send_event(bench, bench->order_topic, id, value);
}

static void send_cancellation(bench_run *bench, long id)
{
    char value[VALUE_SIZE];

    (void)snprintf(value, sizeof(value),
                   "{\"eventType\":\"OrderStatusUpdated\",\"payload\":{\"orderId\":%ld,"
                   "\"newStatus\":\"CANCELLED\"},\"aggregateId\":%ld,\"version\":2}",
                   id, id); /* fits */
    send_event(bench, bench->order_topic, id, value);
}

static char *suffixed(const bench_run *bench, const char *name)
{
    return sf_text_printf("%s%s", name, bench->suffix);
}

static void make_topic(bench_run *bench, const char *what, sf_producer_topic **topic)
{
    char *name = suffixed(bench, what);
    sf_error err;

    must(sf_broker_create_topic(bench->broker,
                                &(sf_topic_spec){.name = name, .partitions = bench->partitions},
                                NULL, &err),
         &err);
    must(sf_producer_topic_open(bench->producer, name, topic, &err), &err);
    free(name);
}

static void send_all(bench_run *bench)
{
    sf_error err;

    must(sf_producer_new(bench->broker, NULL, &bench->producer, &err), &err);
    make_topic(bench, "product-events", &bench->product_topic);
    make_topic(bench, "order-events", &bench->order_topic);
    make_topic(bench, "customer-events", &bench->customer_topic);
    for (long id = 1; id <= bench->products; id++)
        send_product(bench, id);
    for (long id = 1; id <= bench->orders; id++) {
        bool is_kept = sf_random_below(&bench->random, 10) > 0;

        send_order(bench, id, is_kept);
        if (!is_kept)
            send_cancellation(bench, id);
    }
    must(sf_producer_flush(bench->producer, -1, &err), &err);
    sf_producer_close(bench->producer);
}

/* ---- what comes of it ---- */

/* The sum over a store's entries, as committed. */
static sales_total total_of(sf_view *view, sf_status (*decode)(sf_bytes, sales_total *, sf_error *))
{
    sales_total sum = {0}, total;
    sf_view_iterator *iterator;
    sf_view_entry entry;
    sf_status status = SF_OK;
    sf_error err;

    must(sf_view_range(view, SF_NULL, SF_NULL, false, &iterator, &err), &err);
    while (sf_view_iterator_next(iterator, &entry, &status, &err)) {
        must(decode(entry.stored.value, &total, &err), &err);
        (void)sales_total_add(&sum, total); /* small numbers */
    }
    must(status, &err);
    sf_view_iterator_free(iterator);
    return sum;
}

static sf_status decode_product(sf_bytes value, sales_total *total, sf_error *err)
{
    product_sales sales;
    sf_status status = product_sales_decode(value, &sales, err);

    if (!status)
        *total = sales.total;
    return status;
}

static bool is_as_expected(const bench_run *bench, sales_total total)
{
    return total.lines == bench->expected.lines &&
           total.amount.minor == bench->expected.amount.minor;
}

/* The categories are the last to know. Their sum passes its final value only by chance before all is
 * processed, so both are asked. */
static void wait_until_counted(const bench_run *bench, sf_streams *app, sf_view *categories)
{
    uint64_t before = 0;
    sf_streams_counters counters;
    sf_error err;

    for (;;) {
        if (sf_streams_error(app, &err))
            must(SF_STOP, &err);
        sf_streams_counters_get(app, &counters);
        if (counters.processed > bench->events && counters.processed == before &&
            is_as_expected(bench, total_of(categories, sales_total_decode)))
            return;
        before = counters.processed;
        usleep(2000);
    }
}

static void print(const bench_run *bench, const sf_streams *app, stopwatch spent)
{
    sf_streams_counters counters;

    sf_streams_counters_get((sf_streams *)app, &counters);
    printf("{\"bench\":\"query_topology\",\"address\":\"%s\",\"threads\":%d,\"partitions\":%d,"
           "\"events\":%" PRIu64 ",\"lines\":%" PRId64 ",\"revenue\":%" PRId64
           ",\"processed\":%" PRIu64 ",\"commits\":%" PRIu64
           ",\"events_per_s\":%.0f,\"wall_ns\":%.0f,\"process_ns\":%.0f,\"peak_kib\":%ld}\n",
           bench->address, bench->threads, bench->partitions, bench->events, bench->expected.lines,
           bench->expected.amount.minor, counters.processed, counters.commits,
           (double)bench->events / spent.wall_s, spent.wall_s * 1e9 / (double)bench->events,
           spent.process_s * 1e9 / (double)bench->events, stopwatch_peak_kib());
}

static void check(const bench_run *bench, sf_streams *app)
{
    sf_view *products;
    sf_error err;

    must(sf_streams_view(app, PRODUCT_SALES_STORE, &products, &err), &err);
    if (!is_as_expected(bench, total_of(products, decode_product))) {
        fprintf(stderr, "query_topology: the products' sums are not what was sent\n");
        exit(1);
    }
    sf_view_free(products);
}

static void measure(const bench_run *bench)
{
    char *product_topic = suffixed(bench, "product-events");
    char *order_topic = suffixed(bench, "order-events");
    char *customer_topic = suffixed(bench, "customer-events");
    char *id = suffixed(bench, "bench");
    query_topology_options options = {.product_topic = product_topic,
                                      .order_topic = order_topic,
                                      .customer_topic = customer_topic,
                                      .currency_exponent = 2};
    sf_config config = {.application_id = id,
                        .broker = bench->broker,
                        .state_dir = bench->state_dir,
                        .num_stream_threads = bench->threads};
    query_topology *topology;
    sf_streams *app;
    sf_view *categories;
    stopwatch began;
    sf_error err;

    must(query_topology_new(&options, &topology, &err), &err);
    must(sf_streams_new(query_topology_graph(topology), &config, &app, &err), &err);
    must(sf_streams_view(app, CATEGORY_REVENUE_STORE, &categories, &err), &err);
    began = stopwatch_now();
    must(sf_streams_start(app, &err), &err);
    (void)sf_streams_wait(app, SF_STREAMS_RUNNING, -1); /* a failure shows when it is asked for */
    wait_until_counted(bench, app, categories);
    print(bench, app, stopwatch_since(began));
    check(bench, app);
    sf_view_free(categories);
    must(sf_streams_close(app, -1, &err), &err);
    sf_streams_free(app);
    query_topology_free(topology);
    free(product_topic);
    free(order_topic);
    free(customer_topic);
    free(id);
}

static const char *word(int argc, char **argv, int index, const char *usual)
{
    return index < argc ? argv[index] : usual;
}

int main(int argc, char **argv)
{
    bench_run bench = {
        .address = word(argc, argv, 1, "memory:"),
        .orders = atol(word(argc, argv, 2, "200000")),
        .products = atol(word(argc, argv, 3, "1000")),
        .partitions = atoi(word(argc, argv, 4, "4")),
        .threads = atoi(word(argc, argv, 5, "1")),
        .state_dir = word(argc, argv, 6, SF_STATE_IN_MEMORY),
        .suffix = word(argc, argv, 7, ""),
    };
    sf_error err;

    sf_log_set(NULL, NULL, SF_LOG_WARN);
    sf_random_init(&bench.random, SEED);
    must(sf_broker_connect(bench.address, NULL, &bench.broker, &err), &err);
    send_all(&bench);
    measure(&bench);
    sf_broker_close(bench.broker);
    return 0;
}
