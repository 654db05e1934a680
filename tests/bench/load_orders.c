/* load_orders.c - fills the topics of the pipeline benchmarks through the library's own producer.
 *
 * load_orders ADDRESS ORDERS_TOPIC PRODUCTS_TOPIC EVENTS PRODUCTS CUSTOMERS PARTITIONS SEED
 * Prints one JSON line with the revenue of all events, summed here, for the others to be held against.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/broker.h>
#include <stateful/connect.h>

#include "base/memory.h"
#include "support/bench_orders.h"

enum { CHUNK = 1024 };

typedef struct loader {
    sf_broker *broker;
    sf_producer *producer;
    sf_outgoing outgoing[CHUNK];
    char keys[CHUNK][BENCH_ID_SIZE];
    char events[CHUNK][BENCH_EVENT_SIZE];
    size_t count;
} loader;

static void must(sf_status status, const sf_error *err)
{
    if (status) {
        fprintf(stderr, "load_orders: %s\n", err->text);
        exit(1);
    }
}

static sf_producer_topic *open_topic(loader *l, const char *name, int32_t partitions)
{
    static const sf_topic_config forever = {"retention.ms", "-1"};
    sf_topic_spec spec = {name, partitions, &forever, 1};
    sf_producer_topic *topic;
    sf_error err;

    must(sf_broker_create_topic(l->broker, &spec, NULL, &err), &err);
    must(sf_producer_topic_open(l->producer, name, &topic, &err), &err);
    return topic;
}

static void send_all(loader *l)
{
    size_t done = 0;

    while (done < l->count) {
        size_t sent = 0;
        sf_error err;
        sf_status status =
            sf_producer_send(l->producer, l->outgoing + done, l->count - done, &sent, &err);

        if (status != SF_RETRY)
            must(status, &err);
        done += sent;
    }
    sf_producer_poll(l->producer);
    l->count = 0;
}

static void add(loader *l, sf_producer_topic *topic, sf_bytes value, int64_t time_ms)
{
    l->outgoing[l->count] = (sf_outgoing){
        topic,
        SF_PARTITION_BY_KEY,
        {sf_bytes_text(l->keys[l->count]), value, time_ms, {NULL, 0}},
        NULL,
    };
    if (++l->count == CHUNK)
        send_all(l);
}

static void load_products(loader *l, sf_producer_topic *topic, long products)
{
    for (long i = 0; i < products; i++) {
        bench_product_id(i, l->keys[l->count]);
        add(l, topic, sf_bytes_text(bench_product_category(i)), 1600000000000);
    }
    send_all(l);
}

static int64_t load_orders(loader *l, sf_producer_topic *topic, bench_orders *orders, long events)
{
    int64_t revenue = 0;

    for (long i = 0; i < events; i++) {
        char *event = l->events[l->count];
        size_t size = bench_orders_next(orders, event, l->keys[l->count]);
        bench_order order;

        if (!bench_order_scan(event, size, &order)) {
            fprintf(stderr, "load_orders: event %ld cannot be read back\n", i);
            exit(1);
        }
        revenue += order.quantity * order.price_minor;
        add(l, topic, sf_bytes_of(event, size), order.time_ms);
    }
    send_all(l);
    return revenue;
}

int main(int count, char **words)
{
    loader *l = sf_zalloc(sizeof(*l));
    bench_orders orders = {0};
    sf_error err;
    int64_t revenue;
    int32_t partitions;

    if (count < 9) {
        fprintf(stderr, "load_orders ADDRESS ORDERS_TOPIC PRODUCTS_TOPIC EVENTS PRODUCTS CUSTOMERS "
                        "PARTITIONS SEED\n");
        return 2;
    }
    orders.products = atol(words[5]);
    orders.customers = atol(words[6]);
    partitions = atoi(words[7]);
    sf_random_init(&orders.random, strtoull(words[8], NULL, 10));
    must(sf_broker_connect(words[1], NULL, &l->broker, &err), &err);
    must(sf_producer_new(l->broker, NULL, &l->producer, &err), &err);
    load_products(l, open_topic(l, words[3], partitions), orders.products);
    revenue = load_orders(l, open_topic(l, words[2], partitions), &orders, atol(words[4]));
    must(sf_producer_flush(l->producer, 120000, &err), &err);
    printf("{\"bench\":\"load_orders\",\"events\":%s,\"products\":%ld,\"revenue\":%" PRId64 "}\n",
           words[4], orders.products, revenue);
    sf_producer_close(l->producer);
    sf_broker_close(l->broker);
    free(l);
    return 0;
}
