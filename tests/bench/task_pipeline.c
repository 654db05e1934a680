/* task_pipeline.c - what the engine itself costs an event: decode, look up, three aggregates by the
 * DSL, in one task over memory, without broker and disk.
 *
 * task_pipeline [EVENTS [PRODUCTS [CUSTOMERS [COMMIT_EVERY]]]]
 * Prints one JSON line: nanoseconds of processor time an event, for work between commits and for the
 * commits, and for the decoder alone, which is the program's own.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/stateful.h>

#include "base/random.h"
#include "support/bench_orders.h"
#include "support/stopwatch.h"
#include "task/task.h"

enum { BATCH = 1000 };

static void must(sf_status status, const sf_error *err)
{
    if (status) {
        fprintf(stderr, "task_pipeline: %s\n", err->text);
        exit(1);
    }
}

/* ---- the program ---- */

typedef struct bench_sale {
    bench_order order;
    char category[BENCH_ID_SIZE];
} bench_sale;

static sf_status decode_order(const sf_serde *serde, sf_bytes wire, sf_arena *arena,
                              sf_bytes *value, sf_error *err)
{
    bench_order *order = sf_arena_alloc(arena, sizeof(*order));

    if (!bench_order_scan((const char *)wire.data, wire.size, order))
        return sf_reject(err, "%s: not an order event", serde->name);
    *value = sf_bytes_of(order, sizeof(*order));
    return SF_OK;
}

static const sf_serde order_serde = {.name = "order", .deserialize = decode_order};

static sf_status with_category(void *user, sf_arena *arena, const sf_record *left, sf_bytes right,
                               sf_bytes *result, sf_error *err)
{
    bench_sale *joined = sf_arena_zalloc(arena, sizeof(*joined));

    (void)user;
    (void)err;
    memcpy(&joined->order, left->value.data, sizeof(joined->order));
    memcpy(joined->category, right.data,
           right.size < BENCH_ID_SIZE ? right.size : BENCH_ID_SIZE - 1);
    *result = sf_bytes_of(joined, sizeof(*joined));
    return SF_OK;
}

static sf_status add_sale(void *user, sf_arena *arena, const sf_record *record, sf_bytes *aggregate,
                          sf_error *err)
{
    const bench_sale *sale = (const void *)record->value.data;

    (void)user;
    (void)arena;
    (void)err;
    bench_sum_add((bench_sum *)(uintptr_t)aggregate->data, &sale->order);
    return SF_OK;
}

/* By customer: another key in the same task, so by hand. */
static sf_status add_to_customer(void *state, sf_context *context, const sf_record *record,
                                 sf_error *err)
{
    const bench_sale *sale = (const void *)record->value.data;
    sf_key_value_store *store = state;
    sf_bytes key = sf_bytes_of(sale->order.customer, strlen(sale->order.customer));
    bench_sum sum = {0};
    sf_stored stored;
    sf_status status = sf_key_value_store_get(store, key, &stored, err);

    (void)context;
    if (status)
        return status;
    if (stored.value.data)
        memcpy(&sum, stored.value.data, sizeof(sum));
    bench_sum_add(&sum, &sale->order);
    return sf_key_value_store_put(store, key, sf_bytes_of(&sum, sizeof(sum)), record->timestamp,
                                  err);
}

static sf_status find_customers(void *user, sf_context *context, void **state, sf_error *err)
{
    (void)user;
    (void)err;
    *state = sf_context_key_value_store(context, "by-customer");
    return SF_OK;
}

static sf_topology *make_topology(void)
{
    static const sf_processor by_customer = {.init = find_customers, .process = add_to_customer};
    static const bench_sum zero;
    static const char *const customers[] = {"by-customer", NULL};
    sf_builder *builder = sf_builder_new();
    sf_table *products =
        sf_builder_table(builder, "products", NULL, &(sf_materialized){.name = "products"});
    sf_stream *orders = sf_builder_stream(builder, "orders", &(sf_consumed){.value = &order_serde});
    sf_stream *sales = sf_stream_join_table(orders, products, with_category, NULL, NULL);
    sf_grouped *by_product = sf_stream_group_by_key(sales, NULL);
    sf_aggregation adding = {.add = add_sale, .initial = sf_bytes_of(&zero, sizeof(zero))};
    sf_window minute = {.size_ms = 60000, .grace_ms = 86400000};
    sf_topology *topology;
    sf_error err;

    sf_builder_add_store(builder, &(sf_store_options){.name = "by-customer"});
    (void)sf_stream_process(sales, &by_customer, customers);
    sf_grouped_aggregate(by_product, &adding, &(sf_materialized){.name = "by-product"});
    sf_grouped_aggregate(sf_grouped_windowed(by_product, minute), &adding,
                         &(sf_materialized){.name = "by-minute"});
    must(sf_builder_build(builder, &topology, &err), &err);
    sf_builder_free(builder);
    return topology;
}

/* ---- a task without a broker ---- */

static sf_status open_topic(void *user, const char *topic, size_t *number, sf_error *err)
{
    (void)user;
    (void)topic;
    (void)err;
    *number = 0;
    return SF_OK;
}

static sf_status count_sent(void *user, const sf_output *outputs, size_t count, sf_error *err)
{
    (void)outputs;
    (void)err;
    *(size_t *)user += count;
    return SF_OK;
}

static void keep(sf_record_batch *batch)
{
    free(batch);
}

static sf_record_batch *batch_of(const sf_consumed_record *records, size_t count)
{
    sf_record_batch *batch = malloc(sizeof(*batch));

    *batch = (sf_record_batch){records, count, records[count - 1].offset + 1, keep};
    return batch;
}

static void commit(sf_task *task, sf_state_commit *batch)
{
    sf_error err;

    sf_state_commit_clear(batch);
    must(sf_task_flush(task, batch, &err), &err);
    must(sf_task_finish(task, batch, &err), &err);
    must(sf_state_commit_write(batch, &err), &err);
    sf_task_committed(task);
}

static void process_all(sf_task *task)
{
    size_t processed;
    sf_error err;

    do
        must(sf_task_process(task, BATCH, &processed, &err), &err);
    while (processed);
}

static void push_products(sf_task *task, size_t input, long count, sf_arena *arena)
{
    sf_consumed_record *records = sf_arena_alloc(arena, (size_t)count * sizeof(*records));

    for (long i = 0; i < count; i++) {
        char id[BENCH_ID_SIZE];

        bench_product_id(i, id);
        records[i] = (sf_consumed_record){{.key = sf_arena_copy(arena, sf_bytes_text(id)),
                                           .value = sf_bytes_text(bench_product_category(i))},
                                          i};
    }
    sf_task_push(task, input, batch_of(records, (size_t)count));
    process_all(task);
}

static sf_consumed_record *make_orders(long count, bench_orders *orders, sf_arena *arena)
{
    sf_consumed_record *records = sf_arena_alloc(arena, (size_t)count * sizeof(*records));

    for (long i = 0; i < count; i++) {
        char json[BENCH_EVENT_SIZE], product[BENCH_ID_SIZE];
        size_t size = bench_orders_next(orders, json, product);

        records[i] = (sf_consumed_record){{.key = sf_arena_copy(arena, sf_bytes_text(product)),
                                           .value = sf_arena_copy(arena, sf_bytes_of(json, size)),
                                           .timestamp = 1700000000000 + i * 2},
                                          i};
    }
    return records;
}

static double decoder_alone(const sf_consumed_record *records, long count)
{
    stopwatch began = stopwatch_now();
    int64_t sum = 0;

    for (long i = 0; i < count; i++) {
        bench_order order;

        if (bench_order_scan((const char *)records[i].record.value.data,
                             records[i].record.value.size, &order))
            sum += order.quantity;
    }
    return sum ? stopwatch_since(began).thread_s / (double)count * 1e9 : 0;
}

static long argument(int argc, char **argv, int index, long otherwise)
{
    return argc > index ? atol(argv[index]) : otherwise;
}

int main(int argc, char **argv)
{
    long events = argument(argc, argv, 1, 1000000), products = argument(argc, argv, 2, 10000);
    long customers = argument(argc, argv, 3, 100000);
    long commit_every = argument(argc, argv, 4, 100000);
    bench_orders orders = {.products = products, .customers = customers};
    sf_topology *topology = make_topology();
    sf_arena *arena = sf_arena_new();
    size_t sent = 0;
    sf_task_options options = {.topology = topology,
                               .application_id = "bench",
                               .output = {open_topic, count_sent, &sent},
                               .clock = sf_clock_system(),
                               .cache_bytes = 256 << 20,
                               .max_idle_ms = -1};
    sf_task_start starts[2] = {{0, NULL}, {0, NULL}};
    sf_consumed_record *records;
    sf_state_commit *batch;
    sf_task *task;
    double work = 0, commits = 0;
    sf_error err;

    sf_random_init(&orders.random, 7);
    records = make_orders(events, &orders, arena);
    must(sf_state_open(&(sf_state_options){.application_id = "bench", .instance_id = "bench"},
                       &options.state, &err),
         &err);
    batch = sf_state_commit_new(options.state);
    must(sf_task_new(&options, &task, &err), &err);
    must(sf_task_start_work(task, starts, &err), &err);
    push_products(task, 1, products, arena);
    commit(task, batch);
    for (long at = 0; at < events; at += commit_every) {
        long count = events - at < commit_every ? events - at : commit_every;
        stopwatch began = stopwatch_now();

        for (long i = 0; i < count; i += BATCH)
            sf_task_push(
                task, 0,
                batch_of(records + at + i, (size_t)(count - i < BATCH ? count - i : BATCH)));
        process_all(task);
        work += stopwatch_since(began).thread_s;
        began = stopwatch_now();
        commit(task, batch);
        commits += stopwatch_since(began).thread_s;
    }
    if ((long)sf_task_counters_of(task)->processed != events + products)
        must(sf_fail(&err, SF_CORRUPT, "not all events were processed"), &err);
    printf("{\"bench\":\"task_pipeline\",\"events\":%ld,\"work_ns\":%.0f,\"commit_ns\":%.0f,"
           "\"decoder_ns\":%.0f,\"sent\":%zu}\n",
           events, work / (double)events * 1e9, commits / (double)events * 1e9,
           decoder_alone(records, events), sent);
    sf_task_free(task);
    sf_state_commit_free(batch);
    sf_state_close(options.state);
    sf_topology_free(topology);
    sf_arena_free(arena);
    return 0;
}
