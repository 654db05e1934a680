/* engine_pipeline.c - the shape of B2a on the engine: decode an order event, look the product's category
 * up in a table, keep three sums, exactly-once with a commit every 100 ms.
 *
 * engine_pipeline ADDRESS ORDERS_TOPIC PRODUCTS_TOPIC EVENTS PRODUCTS STATE_DIR APPLICATION_ID [alos]
 * Prints one JSON line: events, revenue (read back from the store), processor time an event.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <stateful/stateful.h>

#include "support/bench_orders.h"
#include "support/stopwatch.h"

enum { KEY_SIZE = 2 * BENCH_ID_SIZE };

static void must(sf_status status, const sf_error *err)
{
    if (status) {
        fprintf(stderr, "engine_pipeline: %s\n", err->text);
        exit(1);
    }
}

/* ---- what the user of the engine writes ---- */

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

/* A sum kept by a key made of the sale: what it is, and the store it lies in. */
typedef struct summing {
    const char *store;
    size_t (*key)(const bench_sale *sale, char *key);
} summing;

typedef struct summing_task {
    const summing *how;
    sf_key_value_store *store;
} summing_task;

static size_t customer_key(const bench_sale *sale, char *key)
{
    return (size_t)snprintf(key, KEY_SIZE, "%.15s", sale->order.customer);
}

static size_t product_key(const bench_sale *sale, char *key)
{
    return (size_t)snprintf(key, KEY_SIZE, "%.15s", sale->order.product);
}

static size_t category_minute_key(const bench_sale *sale, char *key)
{
    return (size_t)snprintf(key, KEY_SIZE, "%.8s:%08x", sale->category,
                            (unsigned)(sale->order.time_ms / 60000));
}

static sf_status init_summing(void *user, sf_context *context, void **state, sf_error *err)
{
    summing_task *task = calloc(1, sizeof(*task));

    task->how = user;
    task->store = sf_context_key_value_store(context, task->how->store);
    *state = task;
    return task->store ? SF_OK : sf_fail(err, SF_INVALID, "no store %s", task->how->store);
}

static sf_status process_sale(void *state, sf_context *context, const sf_record *record,
                              sf_error *err)
{
    summing_task *task = state;
    const bench_sale *sale = (const void *)record->value.data;
    char key[KEY_SIZE];
    sf_bytes key_bytes = sf_bytes_of(key, task->how->key(sale, key));
    bench_sum sum = {0};
    sf_stored stored;
    sf_status status = sf_key_value_store_get(task->store, key_bytes, &stored, err);

    (void)context;
    if (status)
        return status;
    if (stored.value.data)
        memcpy(&sum, stored.value.data, sizeof(sum));
    bench_sum_add(&sum, &sale->order);
    return sf_key_value_store_put(task->store, key_bytes, sf_bytes_of(&sum, sizeof(sum)),
                                  record->timestamp, err);
}

static const summing summings[] = {
    {"by-product", product_key},
    {"by-customer", customer_key},
    {"by-category-minute", category_minute_key},
};

static sf_topology *make_topology(const char *orders_topic, const char *products_topic)
{
    static sf_processor processors[3];
    sf_builder *builder = sf_builder_new();
    sf_table *products =
        sf_builder_table(builder, products_topic, NULL, &(sf_materialized){.name = "products"});
    sf_stream *orders =
        sf_builder_stream(builder, orders_topic, &(sf_consumed){.value = &order_serde});
    sf_stream *sales = sf_stream_join_table(orders, products, with_category, NULL, NULL);
    sf_topology *topology;
    sf_error err;

    for (size_t i = 0; i < 3; i++) {
        processors[i] =
            (sf_processor){init_summing, process_sale, free, (void *)(uintptr_t)&summings[i]};
        sf_builder_add_store(builder, &(sf_store_options){.name = summings[i].store});
        (void)sf_stream_process(sales, &processors[i],
                                (const char *const[]){summings[i].store, NULL});
    }
    must(sf_builder_build(builder, &topology, &err), &err);
    sf_builder_free(builder);
    return topology;
}

/* ---- the measurement ---- */

static uint64_t processed(sf_streams *app)
{
    sf_streams_counters counters;
    sf_error err;

    if (sf_streams_error(app, &err))
        must(SF_STOP, &err);
    sf_streams_counters_get(app, &counters);
    return counters.processed;
}

static void wait_until_processed(sf_streams *app, uint64_t wanted)
{
    while (processed(app) < wanted)
        usleep(2000);
}

/* The sums of a store, as committed. */
static bench_sum total_of(sf_streams *app, const char *store)
{
    bench_sum total = {0};
    sf_view_iterator *iterator;
    sf_view_entry entry;
    sf_status status = SF_OK;
    sf_view *view;
    sf_error err;

    must(sf_streams_view(app, store, &view, &err), &err);
    must(sf_view_range(view, SF_NULL, SF_NULL, false, &iterator, &err), &err);
    while (sf_view_iterator_next(iterator, &entry, &status, &err)) {
        bench_sum sum;

        memcpy(&sum, entry.stored.value.data, sizeof(sum));
        total.count += sum.count;
        total.revenue_minor += sum.revenue_minor;
    }
    must(status, &err);
    sf_view_iterator_free(iterator);
    sf_view_free(view);
    return total;
}

static void measure(sf_streams *app, uint64_t events, uint64_t products)
{
    sf_streams_counters counters;
    uint64_t before;
    stopwatch began, spent;
    bench_sum total;
    sf_error err;

    must(sf_streams_start(app, &err), &err);
    wait_until_processed(app, 1);
    began = stopwatch_now();
    before = processed(app);
    wait_until_processed(app, events + products);
    spent = stopwatch_since(began);
    do { /* the last commit comes when the inputs are drained */
        usleep(20000);
        total = total_of(app, "by-category-minute");
    } while (total.count < (int64_t)events);
    sf_streams_counters_get(app, &counters);
    printf("{\"bench\":\"engine_pipeline\",\"events\":%" PRId64 ",\"revenue\":%" PRId64
           ",\"commits\":%" PRIu64 ",\"wall_s\":%.3f,\"process_ns\":%.0f,\"peak_kib\":%ld}\n",
           total.count, total.revenue_minor, counters.commits, spent.wall_s,
           spent.process_s * 1e9 / (double)(events + products - before), stopwatch_peak_kib());
}

int main(int count, char **words)
{
    sf_config config = {0};
    sf_topology *topology;
    sf_streams *app;
    sf_error err;

    if (count < 8) {
        fprintf(stderr, "engine_pipeline ADDRESS ORDERS_TOPIC PRODUCTS_TOPIC EVENTS PRODUCTS "
                        "STATE_DIR APPLICATION_ID [alos]\n");
        return 2;
    }
    config.bootstrap_servers = words[1];
    config.state_dir = words[6];
    config.application_id = words[7];
    config.guarantee = count > 8 ? SF_AT_LEAST_ONCE : SF_EXACTLY_ONCE_V2;
    topology = make_topology(words[2], words[3]);
    must(sf_streams_new(topology, &config, &app, &err), &err);
    measure(app, strtoull(words[4], NULL, 10), strtoull(words[5], NULL, 10));
    must(sf_streams_close(app, 30000, &err), &err);
    sf_streams_free(app);
    sf_topology_free(topology);
    return 0;
}
