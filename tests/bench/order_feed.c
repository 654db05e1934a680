/* order_feed.c - orders at a fixed rate into the topics of query-service, as its relay would write them.
 *
 * order_feed ADDRESS ORDERS RATE PRODUCTS FIRST_ID
 * RATE orders a second, in steps of five milliseconds; 0: as fast as it goes. Each is of one line, of a product by
 * Zipf's law. Prints one JSON line when all are written: orders, and what the most frequent product, number 1,
 * has sold by them, in cents.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <stateful/broker.h>
#include <stateful/connect.h>

#include "base/memory.h"
#include "support/stopwatch.h"
#include "support/zipf.h"

enum { BATCH = 500, VALUE_SIZE = 320, STEP_NS = 5000000, PRICE_CENTS = 1999 };

typedef struct feeding {
    sf_producer *producer;
    sf_producer_topic *topic;
    sf_random random;
    zipf products;
    int64_t next_id;
    int64_t first_product_cents;
    char keys[BATCH][24];
    char values[BATCH][VALUE_SIZE];
    sf_outgoing out[BATCH];
} feeding;

static void must(sf_status status, const sf_error *err)
{
    if (status) {
        (void)fprintf(stderr, "order_feed: %s\n", err->text);
        exit(1);
    }
}

static void make_order(feeding *to, size_t at)
{
    struct timespec now;
    int64_t id = to->next_id++, product = (int64_t)zipf_next(&to->products, &to->random) + 1;
    int64_t quantity = 1 + (int64_t)sf_random_below(&to->random, 5);

    (void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail */
    (void)snprintf(to->keys[at], sizeof(to->keys[at]), "%" PRId64, id);
    (void)snprintf(to->values[at], VALUE_SIZE, /* fits */
                   "{\"eventType\":\"OrderCreated\",\"payload\":{\"id\":%" PRId64
                   ",\"customerId\":1,\"status\":\"CREATED\",\"items\":[{\"productId\":%" PRId64
                   ",\"quantity\":%" PRId64 ",\"price\":%d.%02d}]},\"aggregateId\":%" PRId64
                   ",\"version\":1}",
                   id, product, quantity, PRICE_CENTS / 100, PRICE_CENTS % 100, id);
    to->out[at] = (sf_outgoing){
        .topic = to->topic,
        .partition = SF_PARTITION_BY_KEY,
        .record = {.key = sf_bytes_text(to->keys[at]),
                   .value = sf_bytes_text(to->values[at]),
                   .timestamp = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000},
    };
    if (product == 1)
        to->first_product_cents += quantity * PRICE_CENTS;
}

static void feed(feeding *to, int64_t count)
{
    sf_error err;

    while (count > 0) {
        size_t made = count < BATCH ? (size_t)count : BATCH, sent = 0, taken;

        for (size_t i = 0; i < made; i++)
            make_order(to, i);
        for (; sent < made; sent += taken)
            must(sf_producer_send(to->producer, to->out + sent, made - sent, &taken, &err), &err);
        count -= (int64_t)made;
    }
    must(sf_producer_flush(to->producer, -1, &err), &err);
}

static void feed_by_rate(feeding *to, int64_t orders, double rate)
{
    stopwatch began = stopwatch_now();
    int64_t fed = 0;

    while (fed < orders) {
        int64_t due = (int64_t)(stopwatch_since(began).wall_s * rate);

        if (due > orders)
            due = orders;
        feed(to, due - fed);
        fed = due;
        (void)nanosleep(&(struct timespec){.tv_nsec = STEP_NS}, NULL); /* sooner does no harm */
    }
}

int main(int count, char **words)
{
    feeding *to = sf_zalloc(sizeof(*to));
    int64_t orders;
    double rate;
    sf_broker *broker;
    sf_error err;

    if (count != 6) {
        (void)fprintf(stderr, "order_feed ADDRESS ORDERS RATE PRODUCTS FIRST_ID\n");
        return 2;
    }
    orders = strtoll(words[2], NULL, 10);
    rate = atof(words[3]);
    to->next_id = strtoll(words[5], NULL, 10);
    sf_random_init(&to->random, (uint64_t)to->next_id);
    zipf_init(&to->products, strtoull(words[4], NULL, 10), 1.0);
    must(sf_broker_connect(words[1], NULL, &broker, &err), &err);
    must(sf_producer_new(broker, NULL, &to->producer, &err), &err);
    must(sf_producer_topic_open(to->producer, "order-events", &to->topic, &err), &err);
    if (rate > 0)
        feed_by_rate(to, orders, rate);
    else
        feed(to, orders);
    (void)printf("{\"bench\":\"order_feed\",\"orders\":%" PRId64 ",\"product_1_cents\":%" PRId64
                 "}\n",
                 orders, to->first_product_cents);
    sf_producer_close(to->producer);
    sf_broker_close(broker);
    free(to);
    return 0;
}
