#include "support/peer_topology.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/stateful.h>

#include "support/peer_events.h"

enum { HOUR_MS = 3600 * 1000, GRACE_MS = 24 * HOUR_MS, LEAST_QUANTITY = 2 };

static peer_step_fn count_step;

static const peer_order *order_of(const sf_record *record)
{
    return (const void *)record->value.data;
}

/* ---- over orders of one product ---- */

static sf_status see(void *user, const sf_record *record, sf_error *err)
{
    (void)user;
    (void)record;
    (void)err;
    count_step();
    return SF_OK;
}

static bool is_of_several(void *user, const sf_record *record)
{
    (void)user;
    count_step();
    return order_of(record)->quantity >= LEAST_QUANTITY;
}

/* {"orderId":…,"productId":…,"quantity":…,"netCents":…,"vatCents":…} */
static sf_status price(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                       sf_error *err)
{
    const peer_order *order = order_of(in);
    int64_t vat = order->total_cents / 6;
    size_t room = order->order_id.size + order->product_id.size + 160;
    char *json = sf_arena_alloc(arena, room);
    int size =
        snprintf(json, room,
                 "{\"orderId\":\"%.*s\",\"productId\":\"%.*s\",\"quantity\":%lld,"
                 "\"netCents\":%lld,\"vatCents\":%lld}",
                 (int)order->order_id.size, (const char *)order->order_id.data,
                 (int)order->product_id.size, (const char *)order->product_id.data,
                 (long long)order->quantity, (long long)(order->total_cents - vat), (long long)vat);

    (void)user;
    (void)err;
    out->value = sf_bytes_of(json, (size_t)size);
    return SF_OK;
}

static sf_status add_order(void *user, sf_arena *arena, const sf_record *record,
                           sf_bytes *aggregate, sf_error *err)
{
    peer_sum *sum = (peer_sum *)(void *)(uintptr_t)aggregate->data;

    (void)user;
    (void)arena;
    (void)err;
    count_step();
    sum->cents += order_of(record)->total_cents;
    sum->count++;
    return SF_OK;
}

static const peer_sum no_sum;

static sf_aggregation summing(void)
{
    return (sf_aggregation){.add = add_order, .initial = sf_bytes_of(&no_sum, sizeof no_sum)};
}

static sf_stream *orders(sf_builder *builder, const peer_topics *topics)
{
    return sf_builder_stream(builder, topics->in, &(sf_consumed){.value = &peer_order_serde});
}

static void build_passthrough(sf_builder *builder, const peer_topics *topics)
{
    sf_stream *stream = sf_builder_stream(builder, topics->in, NULL);

    sf_stream_to(sf_stream_peek(stream, see, NULL), topics->out);
}

static void build_filter_map(sf_builder *builder, const peer_topics *topics)
{
    sf_stream *several = sf_stream_filter(orders(builder, topics), is_of_several, NULL);

    sf_stream_to_with(sf_stream_map_values(several, price, NULL), topics->out,
                      &(sf_produced){.value = &sf_bytes_serde});
}

static void build_aggregate(sf_builder *builder, const peer_topics *topics)
{
    sf_aggregation aggregation = summing();

    (void)sf_grouped_aggregate(sf_stream_group_by_key(orders(builder, topics), NULL), &aggregation,
                               &(sf_materialized){.name = "sums"});
}

static void build_windowed(sf_builder *builder, const peer_topics *topics)
{
    sf_aggregation aggregation = summing();
    sf_grouped *grouped = sf_stream_group_by_key(orders(builder, topics), NULL);

    grouped = sf_grouped_windowed(grouped, (sf_window){.size_ms = HOUR_MS, .grace_ms = GRACE_MS});
    (void)sf_grouped_aggregate(grouped, &aggregation, &(sf_materialized){.name = "hourly"});
}

/* ---- analytics ---- */

enum { ID_SIZE = 16, TIME_SIZE = 24, NAME_SIZE = 40 };

typedef struct product_row {
    int64_t price_cents;
    char category[ID_SIZE];
    char name[NAME_SIZE];
} product_row;

typedef struct order_line {
    int64_t quantity;
    int64_t price_cents;
    char order_id[ID_SIZE];
    char created_at[TIME_SIZE];
} order_line;

typedef struct category_line {
    int64_t quantity;
    int64_t revenue_cents;
    char category[ID_SIZE];
} category_line;

static void copy_text(char *to, size_t room, sf_bytes text)
{
    memcpy(to, text.data, text.size < room ? text.size : room - 1);
}

static bool is_product_created(void *user, const sf_record *record)
{
    const peer_product_event *event = (const void *)record->value.data;

    (void)user;
    return sf_bytes_equal(event->event_type, sf_bytes_text("ProductCreated"));
}

static sf_status to_product(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                            sf_error *err)
{
    const peer_product_event *event = (const void *)in->value.data;
    product_row *row = sf_arena_zalloc(arena, sizeof *row);

    (void)user;
    (void)err;
    row->price_cents = event->price_cents;
    copy_text(row->category, ID_SIZE, event->category);
    copy_text(row->name, NAME_SIZE, event->name);
    out->value = sf_bytes_of(row, sizeof *row);
    return SF_OK;
}

static bool is_order_created(void *user, const sf_record *record)
{
    const peer_order_event *event = (const void *)record->value.data;

    (void)user;
    count_step();
    return sf_bytes_equal(event->event_type, sf_bytes_text("OrderCreated"));
}

static sf_status forward_lines(void *user, sf_context *context, const sf_record *in, sf_error *err)
{
    const peer_order_event *event = (const void *)in->value.data;
    sf_status status = SF_OK;

    (void)user;
    for (size_t i = 0; i < event->item_count && !status; i++) {
        const peer_item *item = &event->items[i];
        order_line *line = sf_arena_zalloc(sf_context_arena(context), sizeof *line);
        sf_record out = *in;

        line->quantity = item->quantity;
        line->price_cents = item->price_cents;
        copy_text(line->order_id, ID_SIZE, event->order_id);
        copy_text(line->created_at, TIME_SIZE, event->created_at);
        out.key = item->product_id;
        out.value = sf_bytes_of(line, sizeof *line);
        status = sf_context_forward(context, &out, err);
    }
    return status;
}

static peer_sales *sales_of(sf_bytes *aggregate)
{
    return (peer_sales *)(void *)(uintptr_t)aggregate->data;
}

static sf_status add_line(void *user, sf_arena *arena, const sf_record *record, sf_bytes *aggregate,
                          sf_error *err)
{
    const order_line *line = (const void *)record->value.data;
    peer_sales *sales = sales_of(aggregate);

    (void)user;
    (void)arena;
    (void)err;
    count_step();
    sales->quantity += line->quantity;
    sales->orders++;
    sales->revenue_cents += line->price_cents * line->quantity;
    return SF_OK;
}

static sf_status with_category(void *user, sf_arena *arena, const sf_record *left, sf_bytes right,
                               sf_bytes *result, sf_error *err)
{
    const order_line *line = (const void *)left->value.data;
    const product_row *product = (const void *)right.data;
    category_line *joined = sf_arena_zalloc(arena, sizeof *joined);

    (void)user;
    (void)err;
    joined->quantity = line->quantity;
    joined->revenue_cents = line->price_cents * line->quantity;
    memcpy(joined->category, product ? product->category : "unknown\0\0\0\0\0\0\0\0", ID_SIZE);
    *result = sf_bytes_of(joined, sizeof *joined);
    return SF_OK;
}

static sf_status by_category(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                             sf_error *err)
{
    const category_line *line = (const void *)in->value.data;

    (void)user;
    (void)arena;
    (void)err;
    out->key = sf_bytes_of(line->category, strnlen(line->category, ID_SIZE));
    return SF_OK;
}

static sf_status add_category_line(void *user, sf_arena *arena, const sf_record *record,
                                   sf_bytes *aggregate, sf_error *err)
{
    const category_line *line = (const void *)record->value.data;
    peer_sales *sales = sales_of(aggregate);

    (void)user;
    (void)arena;
    (void)err;
    count_step();
    sales->quantity += line->quantity;
    sales->orders++;
    sales->revenue_cents += line->revenue_cents;
    return SF_OK;
}

static sf_status to_revenue(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                            sf_error *err)
{
    const peer_order_event *event = (const void *)in->value.data;
    int64_t cents = 0;

    (void)user;
    (void)err;
    for (size_t i = 0; i < event->item_count; i++)
        cents += event->items[i].price_cents * event->items[i].quantity;
    out->key = sf_bytes_text("all");
    out->value = sf_bytes_from_int64(cents, arena);
    return SF_OK;
}

static sf_status add_revenue(void *user, sf_arena *arena, const sf_record *record,
                             sf_bytes *aggregate, sf_error *err)
{
    peer_sales *sales = sales_of(aggregate);

    (void)user;
    (void)arena;
    (void)err;
    count_step();
    sales->orders++;
    sales->revenue_cents += sf_bytes_to_int64(record->value);
    return SF_OK;
}

static const peer_sales no_sales;

static void aggregate_sales(sf_grouped *grouped, sf_aggregate_fn add, const char *store)
{
    (void)sf_grouped_aggregate(
        grouped, &(sf_aggregation){.add = add, .initial = sf_bytes_of(&no_sales, sizeof no_sales)},
        &(sf_materialized){.name = store});
}

static sf_table *products(sf_builder *builder, const peer_topics *topics)
{
    sf_stream *events = sf_builder_stream(builder, topics->products,
                                          &(sf_consumed){.value = &peer_product_event_serde});
    sf_stream *rows =
        sf_stream_map_values(sf_stream_filter(events, is_product_created, NULL), to_product, NULL);

    return sf_stream_to_table(sf_stream_as(rows, NULL, &sf_bytes_serde),
                              &(sf_materialized){.name = "products"});
}

static void build_analytics(sf_builder *builder, const peer_topics *topics)
{
    sf_table *table = products(builder, topics);
    sf_stream *created = sf_stream_filter(
        sf_builder_stream(builder, topics->in, &(sf_consumed){.value = &peer_order_event_serde}),
        is_order_created, NULL);
    sf_stream *lines = sf_stream_repartition(
        sf_stream_as(sf_stream_flat_map(created, forward_lines, NULL), NULL, &sf_bytes_serde),
        "lines", 0);
    sf_stream *categories = sf_stream_left_join_table(lines, table, with_category, NULL, NULL);
    sf_stream *revenue = sf_stream_map(created, to_revenue, NULL);

    aggregate_sales(sf_stream_group_by_key(lines, NULL), add_line, "product-sales");
    aggregate_sales(sf_stream_group_by(categories, by_category, NULL, "by-category"),
                    add_category_line, "category-revenue");
    aggregate_sales(
        sf_grouped_windowed(
            sf_stream_group_by_key(sf_stream_as(revenue, NULL, &sf_int64_serde), "revenue"),
            (sf_window){.size_ms = HOUR_MS, .grace_ms = GRACE_MS}),
        add_revenue, "hourly-revenue");
}

/* ---- */

typedef struct mode_entry {
    const char *name;
    void (*build)(sf_builder *builder, const peer_topics *topics);
} mode_entry;

static const mode_entry modes[] = {
    {"passthrough", build_passthrough}, {"filter-map", build_filter_map},
    {"aggregate", build_aggregate},     {"windowed", build_windowed},
    {"analytics", build_analytics},
};

static const mode_entry *find_mode(const char *name)
{
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (!strcmp(modes[i].name, name))
            return &modes[i];
    return NULL;
}

sf_topology *peer_topology(const char *mode, const peer_topics *topics, peer_step_fn step)
{
    const mode_entry *found = find_mode(mode);
    sf_topology *topology = NULL;
    sf_builder *builder;
    sf_error err;

    if (!found) {
        fprintf(stderr, "no mode %s: passthrough, filter-map, aggregate, windowed, analytics\n",
                mode);
        return NULL;
    }
    count_step = step;
    builder = sf_builder_new();
    found->build(builder, topics);
    if (sf_builder_build(builder, &topology, &err))
        fprintf(stderr, "%s: %s\n", mode, err.text);
    sf_builder_free(builder);
    return topology;
}
