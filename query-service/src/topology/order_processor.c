#include "topology/order_processor.h"

#include <inttypes.h>
#include <stdlib.h>

#include <stateful/log.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "state/sale_line.h"
#include "topology/trace_headers.h"

typedef struct order_task {
    sf_key_value_store *orders;
    const order_rules *rules;
} order_task;

static sf_status init(void *user, sf_context *context, void **state, sf_error *err)
{
    order_task *task;
    sf_key_value_store *orders = sf_context_key_value_store(context, ORDERS_STORE);

    if (!orders)
        return sf_fail(err, SF_INVALID, "%s is not connected", ORDERS_STORE);
    task = sf_alloc(sizeof *task);
    *task = (order_task){orders, user};
    *state = task;
    return SF_OK;
}

static sf_status load(order_task *task, sf_bytes key, sf_arena *arena, order_state *order,
                      sf_error *err)
{
    sf_stored stored;
    sf_status status = sf_key_value_store_get(task->orders, key, &stored, err);

    *order = (order_state){0};
    if (status || sf_bytes_is_null(stored.value))
        return status;
    return order_state_decode(stored.value, arena, order, err);
}

/* What an order does to the sums, as a whole. */
typedef struct order_effect {
    int64_t order_id;
    int sign;         /* 1 counts its lines in, -1 takes them out, 0 neither */
    bool is_creation; /* the lines are told of for the first time */
    sf_headers headers;
} order_effect;

/* Whether no line before it is of the same product. */
static bool is_first_of_product(const order_state *order, uint32_t index)
{
    for (uint32_t i = 0; i < index; i++)
        if (order->lines[i].product_id == order->lines[index].product_id)
            return false;
    return true;
}

static bool describe_line(const order_state *order, uint32_t index, const order_effect *effect,
                          line_change *line)
{
    const sold_line *sold = &order->lines[index];
    int64_t units = effect->sign * sold->quantity;

    *line = (line_change){
        .order_id = effect->order_id,
        .index = index,
        .change.lines = effect->sign,
        .units = units,
        .orders = effect->sign && is_first_of_product(order, index) ? effect->sign : 0,
    };
    if (effect->is_creation && !sf_money_multiply(sold->price, sold->quantity, &line->gross))
        return false;
    return sf_money_multiply(sold->price, units, &line->change.amount);
}

/* Sends each line to its product. */
static sf_status forward_lines(sf_context *context, const order_state *order,
                               const order_effect *effect, sf_error *err)
{
    for (uint32_t i = 0; i < order->line_count; i++) {
        const sold_line *sold = &order->lines[i];
        line_change line;
        sf_record record = {
            .key = sf_bytes_of(&sold->product_id, sizeof sold->product_id),
            .value = sf_bytes_of(&line, sizeof line),
            .timestamp = order->sold_at,
            .headers = effect->headers,
        };
        sf_status status;

        if (!describe_line(order, i, effect, &line))
            return sf_reject(err, "line %" PRIu32 " of the order is worth too much", i);
        status = sf_context_forward(context, &record, err);
        if (status)
            return status;
    }
    return SF_OK;
}

static void report(const order_event *event, const order_state *order, int64_t missed)
{
    sf_bytes status = order->status;

    if (missed)
        sf_log(SF_LOG_ERROR,
               "events of an order are missing order=%" PRId64 " version=%" PRId64
               " missing=%" PRId64,
               event->order_id, order->version, missed);
    if (!order_status_is_known(status))
        sf_log(SF_LOG_WARN, "unknown order status counts as sold order=%" PRId64 " status=%.*s",
               event->order_id, (int)status.size, (const char *)status.data);
}

static sf_status apply(order_task *task, sf_context *context, const sf_record *record,
                       int64_t time_ms, sf_error *err)
{
    const order_event *event = (const order_event *)record->value.data;
    sf_arena *arena = sf_context_arena(context);
    order_effect effect;
    order_state order;
    order_news news;
    int64_t missed;
    uint8_t key[8];
    sf_status status;

    sf_put_be64(key, (uint64_t)event->order_id);
    status = load(task, sf_bytes_of(key, sizeof key), arena, &order, err);
    if (status)
        return status;
    news = order_state_apply(&order, event, time_ms, task->rules->counting, &missed);
    if (news == ORDER_REPEATED) {
        sf_context_count_dropped(context);
        return SF_OK;
    }
    report(event, &order, missed);
    status = sf_key_value_store_put(task->orders, sf_bytes_of(key, sizeof key),
                                    order_state_encode(&order, arena), record->timestamp, err);
    effect = (order_effect){
        .order_id = event->order_id,
        .sign = news == ORDER_COUNT_IN    ? 1
                : news == ORDER_COUNT_OUT ? -1
                                          : 0,
        .is_creation = event->is_creation,
        .headers = trace_headers(record->headers, arena),
    };
    if (!status && (effect.sign || effect.is_creation))
        status = forward_lines(context, &order, &effect, err);
    return status;
}

static sf_status process(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    const order_event *event = (const order_event *)record->value.data;
    int64_t time_ms;
    sf_status status;

    if (!event) {
        sf_context_count_dropped(context);
        return SF_OK;
    }
    status = event_check_key(record->key, event->order_id, err);
    if (!status)
        status = event_time(event->occurred_at, record->timestamp, &time_ms, err);
    if (!status)
        status = apply(state, context, record, time_ms, err);
    if (!status)
        event_progress_note(((order_task *)state)->rules->progress, time_ms);
    return status;
}

sf_processor order_processor(const order_rules *rules)
{
    return (sf_processor){.init = init, .process = process, .close = free, .user = (void *)rules};
}
