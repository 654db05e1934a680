#include "topology/booking_processor.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "state/product_versions.h"
#include "state/sale_line.h"
#include "topology/trace_headers.h"

typedef struct booking_task {
    sf_key_value_store *products;
    sf_key_value_store *sales;
    event_progress *progress; /* of products; lines have none */
} booking_task;

static sf_status init(void *user, sf_context *context, void **state, sf_error *err)
{
    booking_task task = {
        .products = sf_context_key_value_store(context, PRODUCTS_STORE),
        .sales = sf_context_key_value_store(context, SALE_LINES_STORE),
        .progress = user,
    };

    if (!task.products || !task.sales)
        return sf_fail(err, SF_INVALID, "%s and %s must be connected", PRODUCTS_STORE,
                       SALE_LINES_STORE);
    *state = sf_memory_copy(&task, sizeof task);
    return SF_OK;
}

static sf_status load_versions(booking_task *task, int64_t product_id, sf_arena *arena,
                               product_versions *versions, sf_error *err)
{
    uint8_t key[8];
    sf_stored stored;
    sf_status status;

    sf_put_be64(key, (uint64_t)product_id);
    status = sf_key_value_store_get(task->products, sf_bytes_of(key, sizeof key), &stored, err);
    if (status)
        return status;
    return product_versions_decode(sf_arena_copy(arena, stored.value), arena, versions, err);
}

static sf_status save_versions(booking_task *task, int64_t product_id, sf_arena *arena,
                               const product_versions *versions, int64_t timestamp, sf_error *err)
{
    uint8_t key[8];

    sf_put_be64(key, (uint64_t)product_id);
    return sf_key_value_store_put(task->products, sf_bytes_of(key, sizeof key),
                                  product_versions_encode(versions, arena), timestamp, err);
}

/* What a change of a category carries besides itself. */
typedef struct passage {
    int64_t timestamp;
    sf_headers headers; /* of its trace */
} passage;

static sf_status forward(sf_context *context, sf_bytes category, const sales_total *change,
                         const passage *by, sf_error *err)
{
    sf_record record = {
        .key = category,
        .value = sf_bytes_of(change, sizeof *change),
        .timestamp = by->timestamp,
        .headers = by->headers,
    };

    return sf_context_forward(context, &record, err);
}

/* ---- lines ---- */

static sf_status count_in(booking_task *task, sf_context *context, const sale_key *key,
                          const sales_total *change, sf_headers headers, sf_error *err)
{
    uint8_t key_bytes[SALE_KEY_SIZE], sale_bytes[BOOKED_SALE_SIZE_MAX];
    booked_sale sale = {.amount = change->amount};
    product_versions versions;
    sf_status status;

    status = load_versions(task, key->product_id, sf_context_arena(context), &versions, err);
    if (status)
        return status;
    sale.category = product_versions_category(&versions, key->sold_at);
    sale_key_write(key, key_bytes);
    status = sf_key_value_store_put(task->sales, sf_bytes_of(key_bytes, SALE_KEY_SIZE),
                                    booked_sale_write(&sale, sale_bytes), key->sold_at, err);
    if (!status)
        status = forward(context, sale.category, change, &(passage){key->sold_at, headers}, err);
    return status;
}

static sf_status take_out(booking_task *task, sf_context *context, const sale_key *key,
                          const sales_total *change, sf_headers headers, sf_error *err)
{
    uint8_t key_bytes[SALE_KEY_SIZE];
    sf_bytes at = sf_bytes_of(key_bytes, SALE_KEY_SIZE);
    sf_arena *arena = sf_context_arena(context);
    booked_sale sale;
    sf_stored stored;
    sf_status status;

    sale_key_write(key, key_bytes);
    status = sf_key_value_store_get(task->sales, at, &stored, err);
    if (status)
        return status;
    if (sf_bytes_is_null(stored.value))
        return sf_reject(err, "line %" PRId64 " of order %" PRId64 " was never counted", key->index,
                         key->order_id);
    status = booked_sale_read(sf_arena_copy(arena, stored.value), &sale, err);
    if (!status)
        status = sf_key_value_store_put(task->sales, at, SF_NULL, key->sold_at, err);
    if (!status)
        status = forward(context, sale.category, change, &(passage){key->sold_at, headers}, err);
    return status;
}

static sf_status book_line(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    const line_change *line = (const line_change *)record->value.data;
    sale_key key = {
        .product_id = sf_bytes_to_int64(record->key),
        .sold_at = record->timestamp,
    };

    if (!line)
        return sf_reject(err, "a line without a value");
    key.order_id = line->order_id;
    key.index = line->index;
    if (line->change.lines > 0)
        return count_in(state, context, &key, &line->change, record->headers, err);
    if (line->change.lines < 0)
        return take_out(state, context, &key, &line->change, record->headers, err);
    return SF_OK; /* its order never counted */
}

/* ---- products ---- */

/* What is to leave each category that lines move away from. */
typedef struct category_move {
    sf_bytes from;
    sales_total total;
} category_move;

typedef struct category_moves {
    sf_context *context;
    sf_bytes to;
    passage by;
    category_move *items;
    size_t count;
    size_t room;
} category_moves;

static category_move *move_from(category_moves *moves, sf_bytes category)
{
    sf_arena *arena = sf_context_arena(moves->context);

    for (size_t i = 0; i < moves->count; i++)
        if (sf_bytes_equal(moves->items[i].from, category))
            return &moves->items[i];
    if (moves->count == moves->room) {
        category_move *items = sf_arena_alloc(arena, (2 * moves->room + 4) * sizeof *items);

        for (size_t i = 0; i < moves->count; i++)
            items[i] = moves->items[i];
        moves->items = items;
        moves->room = 2 * moves->room + 4;
    }
    moves->items[moves->count] = (category_move){.from = sf_arena_copy(arena, category)};
    return &moves->items[moves->count++];
}

/* Takes the move's total out of its category and puts it into the new one. */
static sf_status carry_out(const category_moves *moves, const category_move *move, sf_error *err)
{
    sales_total leaving = {.lines = -move->total.lines};
    sf_status status;

    if (!sf_money_subtract((sf_money){0}, move->total.amount, &leaving.amount))
        return sf_reject(err, "sales of %" PRId64 " minor units cannot be moved",
                         move->total.amount.minor);
    status = forward(moves->context, move->from, &leaving, &moves->by, err);
    if (!status)
        status = forward(moves->context, moves->to, &move->total, &moves->by, err);
    return status;
}

/* Books one sale under the new category, unless it is there already. */
static sf_status rebook(booking_task *task, sf_bytes key, const sf_stored *stored,
                        category_moves *moves, sf_error *err)
{
    uint8_t bytes[BOOKED_SALE_SIZE_MAX];
    booked_sale sale;
    sales_total change = {.lines = 1};
    category_move *move;
    sf_status status = booked_sale_read(stored->value, &sale, err);

    if (status || sf_bytes_equal(sale.category, moves->to))
        return status;
    change.amount = sale.amount;
    move = move_from(moves, sale.category);
    if (!sales_total_add(&move->total, change)) { /* more than one number holds: in two parts */
        status = carry_out(moves, move, err);
        if (status)
            return status;
        move->total = change;
    }
    sale.category = moves->to;
    return sf_key_value_store_put(task->sales, key, booked_sale_write(&sale, bytes),
                                  stored->timestamp, err);
}

static sf_status rebook_span(booking_task *task, int64_t product_id, time_span span,
                             category_moves *moves, sf_error *err)
{
    uint8_t from[SALE_KEY_SIZE], to[SALE_KEY_SIZE];
    sf_key_value_iterator *sales = NULL;
    sf_bytes key;
    sf_stored stored;
    sf_status status;

    sale_key_write(&(sale_key){.product_id = product_id, .sold_at = span.from_ms}, from);
    sale_key_write(&(sale_key){.product_id = product_id, .sold_at = span.to_ms}, to);
    status = sf_key_value_store_range(task->sales, sf_bytes_of(from, sizeof from),
                                      sf_bytes_of(to, sizeof to), false, &sales, err);
    if (status)
        return status;
    while (!status && sf_key_value_iterator_next(sales, &key, &stored, &status, err))
        status = rebook(task, key, &stored, moves, err);
    sf_key_value_iterator_free(sales);
    return status;
}

/* Moves all lines of that time to the category: one change a category they come from. */
static sf_status move_sales(booking_task *task, sf_context *context, const product_event *event,
                            time_span span, passage by, sf_error *err)
{
    category_moves moves = {
        .context = context,
        .to = sf_bytes_of(event->category, event->category_size),
        .by = by,
    };
    sf_status status;

    if (span.from_ms >= span.to_ms)
        return SF_OK;
    status = rebook_span(task, event->product_id, span, &moves, err);
    for (size_t i = 0; !status && i < moves.count; i++)
        status = carry_out(&moves, &moves.items[i], err);
    return status;
}

static sf_status book_product(void *state, sf_context *context, const sf_record *record,
                              sf_error *err)
{
    const product_event *event = (const product_event *)record->value.data;
    sf_arena *arena = sf_context_arena(context);
    product_versions versions;
    time_span span;
    int64_t valid_from;
    sf_status status;

    if (!event) { /* a deleted product: its past stays where it is */
        sf_context_count_dropped(context);
        return SF_OK;
    }
    status = event_check_key(record->key, event->product_id, err);
    if (!status)
        status = event_time(event->occurred_at, record->timestamp, &valid_from, err);
    if (!status)
        status = load_versions(state, event->product_id, arena, &versions, err);
    if (status)
        return status;
    event_progress_note(((booking_task *)state)->progress, valid_from);
    if (!product_versions_add(&versions, event, valid_from, arena, &span)) {
        sf_context_count_dropped(context);
        return SF_OK;
    }
    status = save_versions(state, event->product_id, arena, &versions, record->timestamp, err);
    if (!status)
        status =
            move_sales(state, context, event, span,
                       (passage){record->timestamp, trace_headers(record->headers, arena)}, err);
    return status;
}

const sf_processor line_booking = {.init = init, .process = book_line, .close = free};

sf_processor product_booking(event_progress *progress)
{
    return (sf_processor){.init = init, .process = book_product, .close = free, .user = progress};
}
