/* fuzz_event.c - any bytes as an event of any of the three topics: read or refused with a sentence, never worse.
 * What was read keeps its bounds. Seeds: tests/data/events. */
#include <stdlib.h>

#include <stateful/arena.h>

#include "events/customer_event.h"
#include "events/order_event.h"
#include "events/product_event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static bool is_id(int64_t id)
{
    return id >= 1 && id <= SF_JSON_ID_MAX;
}

static void check_order(const order_event *event)
{
    sf_bytes status = order_event_status(event);

    check(is_id(event->order_id));
    check(event->version >= 0 && event->occurred_at >= EVENT_TIME_UNKNOWN);
    check(status.size >= 1 && status.size <= ORDER_EVENT_STATUS_SIZE_MAX);
    check(event->line_count <= ORDER_EVENT_LINES_MAX);
    check(event->is_creation == (event->line_count > 0));
    for (uint32_t i = 0; i < event->line_count; i++) {
        const sold_line *line = &event->lines[i];

        check(is_id(line->product_id));
        check(line->quantity >= 1 && line->quantity <= ORDER_EVENT_QUANTITY_MAX);
        check(line->price.minor >= 0 && line->price.minor <= ORDER_EVENT_PRICE_MAX);
    }
}

static void check_product(const product_event *event)
{
    check(is_id(event->product_id));
    check(event->version >= 0 && event->occurred_at >= EVENT_TIME_UNKNOWN);
    check(event->category_size >= 1 && event->category_size <= 4 * CATEGORY_POINTS_MAX);
}

static void check_customer(const customer_event *event)
{
    check(is_id(event->customer_id));
    check(event->version >= 0 && event->occurred_at >= EVENT_TIME_UNKNOWN);
    check(event->name_size >= 1 && event->name_size <= 4 * CUSTOMER_NAME_POINTS_MAX);
    check(event->email_size <= 4 * CUSTOMER_EMAIL_POINTS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int cents = 2;
    sf_arena *arena = sf_arena_new();
    sf_serde orders = order_event_serde(&cents);
    sf_bytes wire = sf_bytes_of(data, size);
    sf_bytes event;
    sf_error err = {0};

    if (!sf_serde_decode(&orders, wire, arena, &event, &err))
        check_order((const order_event *)event.data);
    else
        check(err.status == SF_REJECT && err.text[0]);
    err = (sf_error){0};
    if (!sf_serde_decode(&product_event_serde, wire, arena, &event, &err))
        check_product((const product_event *)event.data);
    else
        check(err.status == SF_REJECT && err.text[0]);
    err = (sf_error){0};
    if (!sf_serde_decode(&customer_event_serde, wire, arena, &event, &err))
        check_customer((const customer_event *)event.data);
    else
        check(err.status == SF_REJECT && err.text[0]);
    sf_arena_free(arena);
    return 0;
}
