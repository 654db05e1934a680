#include "state/order_state.h"

#include <string.h>
#include <strings.h>

#include "base/encoding.h"
#include "base/memory.h"

static const char *const uncounted[] = {"CANCELLED", "FAILED", "RETURNED", "REFUNDED"};
static const char *const counted[] = {"CREATED", "CONFIRMED", "PAID",     "PROCESSING",
                                      "SHIPPED", "DELIVERED", "COMPLETED"};

static bool is_among(sf_bytes status, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(words[i]) == status.size &&
            !strncasecmp(words[i], (const char *)status.data, status.size))
            return true;
    return false;
}

bool order_status_counts(sf_bytes status)
{
    return !is_among(status, uncounted, SF_ARRAY_LENGTH(uncounted));
}

bool order_status_is_known(sf_bytes status)
{
    return !order_status_counts(status) || is_among(status, counted, SF_ARRAY_LENGTH(counted));
}

static bool counts(const order_state *order, sales_counting counting)
{
    return counting == SALES_GROSS || order_status_counts(order->status);
}

/* What a change of status means for the sums. */
static order_news recount(order_state *order, sales_counting counting)
{
    bool is_to_count = counts(order, counting);

    if (is_to_count == order->is_counted)
        return ORDER_CHANGED;
    order->is_counted = is_to_count;
    return is_to_count ? ORDER_COUNT_IN : ORDER_COUNT_OUT;
}

static order_news create(order_state *order, const order_event *event, int64_t time_ms,
                         sales_counting counting, int64_t *missed)
{
    int64_t version = event->version ? event->version : 1;
    bool has_held = !sf_bytes_is_null(order->status);

    if (order->is_known)
        return ORDER_REPEATED;
    if (!has_held)
        order->status = order_event_status(event);
    *missed = has_held && order->version > version + 1 ? order->version - version - 1 : 0;
    if (order->version < version)
        order->version = version;
    order->is_known = true;
    order->sold_at = time_ms;
    order->customer_id = event->customer_id;
    order->lines = event->lines;
    order->line_count = event->line_count;
    return recount(order, counting);
}

static order_news hold(order_state *order, const order_event *event)
{
    if (event->version && event->version <= order->version)
        return ORDER_REPEATED;
    if (event->version)
        order->version = event->version;
    order->status = order_event_status(event);
    return ORDER_HELD;
}

static order_news change_status(order_state *order, const order_event *event,
                                sales_counting counting, int64_t *missed)
{
    if (event->version && event->version <= order->version)
        return ORDER_REPEATED;
    if (event->version) {
        *missed = event->version - order->version - 1;
        order->version = event->version;
    }
    order->status = order_event_status(event);
    return recount(order, counting);
}

order_news order_state_apply(order_state *order, const order_event *event, int64_t time_ms,
                             sales_counting counting, int64_t *missed)
{
    int64_t ignored;

    if (!missed)
        missed = &ignored;
    *missed = 0;
    if (event->is_creation)
        return create(order, event, time_ms, counting, missed);
    if (!order->is_known)
        return hold(order, event);
    return change_status(order, event, counting, missed);
}

/* version 8, sold at 8, customer 8, line count 4, flags 1, status size 1; then a line product 8,
 * price 8, quantity 4; then the status. Numbers are big-endian. */
enum { HEAD_SIZE = 30, LINE_SIZE = 20 };

enum { IS_KNOWN = 1, IS_COUNTED = 2 };

sf_bytes order_state_encode(const order_state *order, sf_arena *arena)
{
    size_t size = HEAD_SIZE + (size_t)order->line_count * LINE_SIZE + order->status.size;
    uint8_t *bytes = sf_arena_alloc(arena, size);
    uint8_t *at = bytes + HEAD_SIZE;

    sf_put_be64(bytes, (uint64_t)order->version);
    sf_put_be64(bytes + 8, (uint64_t)order->sold_at);
    sf_put_be64(bytes + 16, (uint64_t)order->customer_id);
    sf_put_be32(bytes + 24, order->line_count);
    bytes[28] = (uint8_t)((order->is_known ? IS_KNOWN : 0) | (order->is_counted ? IS_COUNTED : 0));
    bytes[29] = (uint8_t)order->status.size;
    for (uint32_t i = 0; i < order->line_count; i++, at += LINE_SIZE) {
        sf_put_be64(at, (uint64_t)order->lines[i].product_id);
        sf_put_be64(at + 8, (uint64_t)order->lines[i].price.minor);
        sf_put_be32(at + 16, (uint32_t)order->lines[i].quantity);
    }
    memcpy(at, order->status.data, order->status.size);
    return sf_bytes_of(bytes, size);
}

static const sold_line *decode_lines(const uint8_t *at, uint32_t count, sf_arena *arena)
{
    sold_line *lines = sf_arena_alloc(arena, count * sizeof *lines);

    for (uint32_t i = 0; i < count; i++, at += LINE_SIZE)
        lines[i] = (sold_line){
            .product_id = (int64_t)sf_get_be64(at),
            .price.minor = (int64_t)sf_get_be64(at + 8),
            .quantity = sf_get_be32(at + 16),
        };
    return lines;
}

sf_status order_state_decode(sf_bytes bytes, sf_arena *arena, order_state *order, sf_error *err)
{
    const uint8_t *data = bytes.data;
    uint32_t line_count = bytes.size < HEAD_SIZE ? 0 : sf_get_be32(data + 24);
    size_t lines_size = (size_t)line_count * LINE_SIZE;

    if (bytes.size < HEAD_SIZE || bytes.size - HEAD_SIZE < lines_size ||
        bytes.size - HEAD_SIZE - lines_size != data[29] || data[28] > (IS_KNOWN | IS_COUNTED))
        return sf_fail(err, SF_CORRUPT, "an order's state of %zu bytes makes no sense", bytes.size);
    *order = (order_state){
        .is_known = data[28] & IS_KNOWN,
        .is_counted = data[28] & IS_COUNTED,
        .version = (int64_t)sf_get_be64(data),
        .sold_at = (int64_t)sf_get_be64(data + 8),
        .customer_id = (int64_t)sf_get_be64(data + 16),
        .status = sf_bytes_of(data + HEAD_SIZE + lines_size, data[29]),
        .lines = decode_lines(data + HEAD_SIZE, line_count, arena),
        .line_count = line_count,
    };
    return SF_OK;
}
