/* sum_orders.c - reads a topic of order events to its end, as a read_committed consumer sees it, and sums.
 *
 * sum_orders ADDRESS TOPIC
 * Prints one JSON line: events, revenue.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <stateful/broker.h>
#include <stateful/connect.h>

#include "record/record_batch.h"
#include "support/bench_orders.h"

typedef struct totals {
    int64_t events;
    int64_t revenue;
} totals;

static void must(sf_status status, const sf_error *err)
{
    if (status) {
        fprintf(stderr, "sum_orders: %s\n", err->text);
        exit(1);
    }
}

static void add_batch(totals *totals_so_far, const sf_record_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        sf_bytes value = batch->records[i].record.value;
        bench_order order;

        if (!bench_order_scan((const char *)value.data, value.size, &order)) {
            fprintf(stderr, "sum_orders: offset %" PRId64 " is no order event\n",
                    batch->records[i].offset);
            exit(1);
        }
        totals_so_far->events++;
        totals_so_far->revenue += order.quantity * order.price_minor;
    }
}

static void read_partition(sf_broker *broker, sf_consumer *consumer, const char *topic,
                           int32_t partition, totals *totals_so_far)
{
    sf_watermarks marks;
    sf_reader *reader;
    sf_error err;

    must(sf_broker_watermarks(broker, topic, partition, &marks, &err), &err);
    if (marks.low >= marks.last_stable)
        return;
    must(sf_consumer_add(consumer, topic, partition, SF_OFFSET_BEGINNING, &reader, &err), &err);
    while (sf_reader_position(reader) < marks.last_stable) {
        sf_record_batch *batch;

        must(sf_consumer_poll(consumer, &err), &err);
        must(sf_reader_read(reader, 4096, &batch, &err), &err);
        if (!batch) {
            sf_consumer_wait(consumer, 100);
            continue;
        }
        add_batch(totals_so_far, batch);
        batch->release(batch);
    }
    sf_consumer_remove(consumer, reader);
}

int main(int count, char **words)
{
    sf_broker *broker;
    sf_consumer *consumer;
    totals all = {0};
    int32_t partitions;
    sf_error err;

    if (count < 3) {
        fprintf(stderr, "sum_orders ADDRESS TOPIC\n");
        return 2;
    }
    must(sf_broker_connect(words[1], NULL, &broker, &err), &err);
    must(sf_broker_partition_count(broker, words[2], &partitions, &err), &err);
    must(sf_consumer_new(broker, NULL, &consumer, &err), &err);
    for (int32_t i = 0; i < partitions; i++)
        read_partition(broker, consumer, words[2], i, &all);
    printf("{\"bench\":\"sum_orders\",\"events\":%" PRId64 ",\"revenue\":%" PRId64 "}\n",
           all.events, all.revenue);
    sf_consumer_close(consumer);
    sf_broker_close(broker);
    return 0;
}
