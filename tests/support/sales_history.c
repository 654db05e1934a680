#include "support/sales_history.h"

#include "base/buffer.h"
#include "service/timestamp.h"

static const char *const category_names[HISTORY_CATEGORIES] = {"A", "B", "C"};

/* least ... most */
static int between(sf_random *random, int least, int most)
{
    return least + (int)sf_random_below(random, (uint64_t)(most - least + 1));
}

static void add_event(sales_history *history, int stream, const sales_event *event)
{
    history->streams[stream].events[history->streams[stream].count++] = *event;
}

static void make_product(sales_history *history, int id, sf_random *random)
{
    int stream = history->stream_count++, versions = between(random, 1, HISTORY_EVENTS_MAX);
    int time = between(random, 0, 4);

    for (int version = 1; version <= versions; version++) {
        sales_event event = {.kind = SALES_PRODUCT, .id = id, .version = version, .time = time};

        event.category = between(random, 0, HISTORY_CATEGORIES - 1);
        add_event(history, stream, &event);
        time += between(random, 1, 6);
    }
}

static void make_lines(sales_event *order, int products, sf_random *random)
{
    static const int prices[] = {199, 500, 1};

    order->line_count = between(random, 1, HISTORY_LINES_MAX);
    for (int i = 0; i < order->line_count; i++) {
        order->lines[i].product = between(random, 1, products + 1);
        order->lines[i].quantity = between(random, 1, 3);
        order->lines[i].price_minor = prices[between(random, 0, 2)];
    }
}

/* Up to three of four changes of status, each at most once, in any order. */
static void make_statuses(sales_history *history, int stream, const sales_event *order,
                          sf_random *random)
{
    struct {
        const char *status;
        bool counts;
    } statuses[] = {{"SHIPPED", true}, {"CANCELLED", false}, {"RETURNED", false}, {"PAID", true}};
    int count = between(random, 0, 3);

    for (int i = 0; i < count; i++) {
        int picked = between(random, i, 3), version = i + 2;
        sales_event event = {
            .kind = SALES_STATUS,
            .id = order->id,
            .version = version,
            .time = order->time + version,
            .status = statuses[picked].status,
            .counts = statuses[picked].counts,
        };

        statuses[picked] = statuses[i];
        add_event(history, stream, &event);
    }
}

static void make_order(sales_history *history, int id, int products, sf_random *random)
{
    sales_event order = {.kind = SALES_ORDER, .id = id, .version = 1, .status = "CREATED"};
    int stream = history->stream_count++;

    order.time = between(random, 0, 25);
    make_lines(&order, products, random);
    add_event(history, stream, &order);
    make_statuses(history, stream, &order, random);
}

void sales_history_make(sales_history *history, sf_random *random)
{
    int products = between(random, 1, HISTORY_PRODUCTS_MAX);
    int orders = between(random, 1, HISTORY_ORDERS_MAX);

    *history = (sales_history){.stream_count = 0};
    for (int id = 1; id <= products; id++)
        make_product(history, id, random);
    for (int id = 1; id <= orders; id++)
        make_order(history, id, products, random);
}

static size_t all_events(const sales_history *history, const sales_event **events)
{
    size_t count = 0;

    for (int i = 0; i < history->stream_count; i++)
        for (int k = 0; k < history->streams[i].count; k++)
            events[count++] = &history->streams[i].events[k];
    return count;
}

static void shuffle(const sales_event **events, size_t count, sf_random *random)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = (size_t)sf_random_below(random, i);
        const sales_event *kept = events[i - 1];

        events[i - 1] = events[other];
        events[other] = kept;
    }
}

/* The next event of the stream at random among those that have one left. */
static const sales_event *pick(const sales_history *history, int *taken, sf_random *random)
{
    int left[HISTORY_STREAMS_MAX], count = 0;

    for (int i = 0; i < history->stream_count; i++)
        if (taken[i] < history->streams[i].count)
            left[count++] = i;
    if (!count)
        return NULL;
    count = left[between(random, 0, count - 1)];
    return &history->streams[count].events[taken[count]++];
}

static size_t one_by_one(const sales_history *history, sf_random *random,
                         const sales_event **events)
{
    int taken[HISTORY_STREAMS_MAX] = {0};
    size_t count = 0;

    while ((events[count] = pick(history, taken, random)))
        count++;
    return count;
}

size_t sales_history_arrive(const sales_history *history, sf_random *random, arrival_order order,
                            const sales_event *arrivals[HISTORY_ARRIVALS_MAX])
{
    const sales_event *events[HISTORY_STREAMS_MAX * HISTORY_EVENTS_MAX + 1];
    size_t count = 0, event_count;

    if (order == ARRIVES_IN_ANY_ORDER) {
        event_count = all_events(history, events);
        shuffle(events, event_count, random);
    } else {
        event_count = one_by_one(history, random, events);
    }
    for (size_t i = 0; i < event_count; i++) {
        arrivals[count++] = events[i];
        if (sf_random_below(random, 4) == 0)
            arrivals[count++] = events[sf_random_below(random, i + 1)];
    }
    return count;
}

/* ---- as records ---- */

static void add_payload(const sales_event *event, sf_buffer *json)
{
    if (event->kind == SALES_PRODUCT) {
        sf_buffer_printf(json, "{\"id\":%d,\"name\":\"P\",\"category\":\"%s\",\"price\":1.0}",
                         event->id, category_names[event->category]);
        return;
    }
    if (event->kind == SALES_STATUS) {
        sf_buffer_printf(json, "{\"orderId\":%d,\"newStatus\":\"%s\"}", event->id, event->status);
        return;
    }
    sf_buffer_printf(json, "{\"id\":%d,\"customerId\":1,\"status\":\"CREATED\",\"items\":[",
                     event->id);
    for (int i = 0; i < event->line_count; i++)
        sf_buffer_printf(json, "%s{\"productId\":%d,\"quantity\":%d,\"price\":%d.%02d}",
                         i ? "," : "", event->lines[i].product, event->lines[i].quantity,
                         event->lines[i].price_minor / 100, event->lines[i].price_minor % 100);
    sf_buffer_add_text(json, "]}");
}

static const char *type_of(const sales_event *event)
{
    if (event->kind == SALES_PRODUCT)
        return event->version == 1 ? "ProductCreated" : "ProductUpdated";
    return event->kind == SALES_ORDER ? "OrderCreated" : "OrderStatusUpdated";
}

const char *sales_event_topic(const sales_event *event)
{
    return event->kind == SALES_PRODUCT ? "product-events" : "order-events";
}

sf_record sales_event_record(const sales_event *event, sf_arena *arena)
{
    int64_t time_ms = HISTORY_BEGIN_MS + event->time * HISTORY_STEP_MS;
    char time[SF_TIMESTAMP_TEXT_SIZE];
    sf_buffer json = SF_BUFFER_EMPTY;
    sf_record record = {.timestamp = time_ms};

    sf_timestamp_format(time_ms, time);
    sf_buffer_printf(&json, "{\"eventType\":\"%s\",\"payload\":", type_of(event));
    add_payload(event, &json);
    sf_buffer_printf(&json, ",\"aggregateId\":%d,\"version\":%d,\"occurredAt\":\"%s\"}", event->id,
                     event->version, time);
    record.key = sf_bytes_text(sf_arena_printf(arena, "%d", event->id));
    record.value = sf_arena_copy(arena, sf_buffer_bytes(&json));
    sf_buffer_done(&json);
    return record;
}
