#include "topology/query_topology.h"

#include <stdlib.h>

#include <stateful/grouped.h>

#include "base/memory.h"
#include "events/customer_event.h"
#include "events/product_event.h"
#include "state/product_sales.h"
#include "state/sale_line.h"
#include "topology/booking_processor.h"
#include "topology/customer_processor.h"
#include "topology/order_processor.h"

/* The engine borrows serdes and user pointers: they live here. */
struct query_topology {
    query_topology_options options;
    sf_serde order_events;
    order_rules rules;
    event_progress progress;
    sf_topology *graph;
};

/* ---- sums ---- */

static sf_status add(sf_arena *arena, sales_total change, sf_bytes *aggregate, sf_error *err)
{
    sales_total *total = sf_arena_zalloc(arena, sizeof *total);

    if (!sf_bytes_is_null(*aggregate))
        *total = *(const sales_total *)aggregate->data;
    if (!sales_total_add(total, change))
        return sf_reject(err, "a sum of sales grows beyond what 64 bits hold");
    if (!total->lines && !total->amount.minor)
        *aggregate = SF_NULL;
    else
        *aggregate = sf_bytes_of(total, sizeof *total);
    return SF_OK;
}

static sf_status add_sale(void *user, sf_arena *arena, const sf_record *record, sf_bytes *aggregate,
                          sf_error *err)
{
    const line_change *line = (const line_change *)record->value.data;
    product_sales *sales = sf_arena_zalloc(arena, sizeof *sales);

    (void)user;
    if (!line)
        return sf_reject(err, "a line without a value");
    if (!sf_bytes_is_null(*aggregate))
        *sales = *(const product_sales *)aggregate->data;
    if (!product_sales_add(sales, line, record->timestamp))
        return sf_reject(err, "a sum of sales grows beyond what 64 bits hold");
    *aggregate = sf_bytes_of(sales, sizeof *sales);
    return SF_OK;
}

static sf_status add_line(void *user, sf_arena *arena, const sf_record *record, sf_bytes *aggregate,
                          sf_error *err)
{
    const line_change *line = (const line_change *)record->value.data;

    (void)user;
    if (!line)
        return sf_reject(err, "a line without a value");
    return add(arena, line->change, aggregate, err);
}

static sf_status add_change(void *user, sf_arena *arena, const sf_record *record,
                            sf_bytes *aggregate, sf_error *err)
{
    (void)user;
    return add(arena, *(const sales_total *)record->value.data, aggregate, err);
}

static const sf_aggregation sales_of_product = {.add = add_sale};
static const sf_aggregation sum_of_lines = {.add = add_line};
static const sf_aggregation sum_of_changes = {.add = add_change};

/* ---- the graph, from top to bottom ---- */

static sf_stream *events(sf_builder *builder, const char *topic, const sf_serde *serde)
{
    return sf_builder_stream(builder, topic,
                             &(sf_consumed){.value = serde, .on_error = SF_ON_ERROR_DEAD_LETTER});
}

static void add_stores(sf_builder *builder)
{
    sf_builder_add_store(builder, &(sf_store_options){.name = ORDERS_STORE});
    sf_builder_add_store(builder, &(sf_store_options){.name = PRODUCTS_STORE});
    sf_builder_add_store(builder, &(sf_store_options){.name = SALE_LINES_STORE});
    sf_builder_add_store(builder, &(sf_store_options){.name = CUSTOMERS_STORE});
}

static sf_stream *lines_by_product(sf_stream *orders, const sf_processor *processor)
{
    static const char *const stores[] = {ORDERS_STORE, NULL};
    sf_stream *lines = sf_stream_process(orders, processor, stores);

    lines =
        sf_stream_as(sf_stream_named(lines, "order-state"), &decimal_id_serde, &line_change_serde);
    return sf_stream_repartition(lines, "lines-by-product", 0);
}

static void sum_products(sf_stream *lines)
{
    sf_materialized sales = {
        .name = PRODUCT_SALES_STORE, .key = &sf_int64_serde, .value = &product_sales_serde};

    sf_grouped_aggregate(sf_stream_group_by_key(lines, NULL), &sales_of_product, &sales);
}

/* The hour is that of the sale, also when a line is taken out later: hours and products agree. */
static void sum_hours(sf_stream *lines)
{
    sf_window hour = {.size_ms = HOUR_MS, .grace_ms = HOURS_RETENTION_MS};
    sf_materialized sales = {
        .name = HOURLY_SALES_STORE,
        .key = &sf_int64_serde,
        .value = &sales_total_serde,
        .by_time = true,
    };

    sf_grouped_aggregate(sf_grouped_windowed(sf_stream_group_by_key(lines, NULL), hour),
                         &sum_of_lines, &sales);
}

/* Changes of categories that follow from lines or from products. */
static sf_stream *book(sf_stream *stream, const sf_processor *booking, const char *name)
{
    static const char *const stores[] = {PRODUCTS_STORE, SALE_LINES_STORE, NULL};
    sf_stream *changes = sf_stream_named(sf_stream_process(stream, booking, stores), name);

    return sf_stream_as(changes, &sf_string_serde, &sales_total_serde);
}

static sf_stream *lines_by_category(sf_stream *lines, sf_stream *products, event_progress *progress)
{
    sf_processor by_product = product_booking(progress);
    sf_stream *booked = book(lines, &line_booking, "book-line");
    sf_stream *moved = book(products, &by_product, "book-product");

    return sf_stream_repartition(sf_stream_merge(booked, moved), "lines-by-category", 0);
}

static void sum_categories(sf_stream *changes)
{
    sf_materialized revenue = {.name = CATEGORY_REVENUE_STORE, .value = &sales_total_serde};

    sf_grouped_aggregate(sf_stream_group_by_key(changes, NULL), &sum_of_changes, &revenue);
}

static void keep_customers(sf_stream *customers, event_progress *progress)
{
    sf_processor keeping = customer_processor(progress);
    static const char *const stores[] = {CUSTOMERS_STORE, NULL};

    (void)sf_stream_named(sf_stream_process(customers, &keeping, stores),
                          "customer-state"); /* nothing follows it */
}

static sf_status build(query_topology *topology, sf_error *err)
{
    const query_topology_options *options = &topology->options;
    sf_processor by_order = order_processor(&topology->rules);
    sf_builder *builder = sf_builder_new();
    sf_stream *orders = events(builder, options->order_topic, &topology->order_events);
    sf_stream *products = events(builder, options->product_topic, &product_event_serde);
    sf_stream *lines;
    sf_status status;

    add_stores(builder);
    lines = lines_by_product(orders, &by_order);
    sum_products(lines);
    sum_hours(lines);
    sum_categories(lines_by_category(lines, products, &topology->progress));
    keep_customers(events(builder, options->customer_topic, &customer_event_serde),
                   &topology->progress);
    status = sf_builder_build(builder, &topology->graph, err);
    sf_builder_free(builder);
    return status;
}

sf_status query_topology_new(const query_topology_options *options, query_topology **topology,
                             sf_error *err)
{
    query_topology *made = sf_zalloc(sizeof *made);
    sf_status status;

    made->options = *options;
    made->order_events = order_event_serde(&made->options.currency_exponent);
    made->rules = (order_rules){made->options.counting, &made->progress};
    status = build(made, err);
    if (status)
        query_topology_free(made);
    else
        *topology = made;
    return status;
}

void query_topology_free(query_topology *topology)
{
    if (!topology)
        return;
    sf_topology_free(topology->graph);
    free(topology);
}

const sf_topology *query_topology_graph(const query_topology *topology)
{
    return topology->graph;
}

const event_progress *query_topology_progress(const query_topology *topology)
{
    return &topology->progress;
}
