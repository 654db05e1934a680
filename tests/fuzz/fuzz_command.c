/* fuzz_command.c - any bytes as the body of a command: an order, a product, a customer, a status. What is
 * accepted keeps its bounds, and written as JSON it is read as the same again; what is refused says why. */
#include <stdlib.h>
#include <string.h>

#include "domain/customer.h"
#include "domain/order.h"
#include "domain/product.h"
#include "service/utf8.h"

enum { CENTS = 2 };

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

/* Whether all was well with what json read; else there is a sentence. */
static bool is_accepted(sf_json_reader *json)
{
    sf_error err = {0};

    if (!sf_json_read_end(json, &err))
        return true;
    check(err.text[0] && json->error_count > 0);
    return false;
}

static void check_text(sf_bytes text, sf_json_bounds points)
{
    check(sf_utf8_is_valid(text));
    check((int64_t)text.size >= points.least && (int64_t)text.size <= 4 * points.most);
    check(!memchr(text.data, 0, text.size) && text.data[text.size] == 0);
}

static bool is_within(sf_money price)
{
    return price.minor >= PRICE_BOUNDS.least && price.minor <= PRICE_BOUNDS.most;
}

static void check_order(const struct order *order)
{
    sf_money total;

    check(is_id(order->customer_id));
    check(order->line_count >= 1 && order->line_count <= ORDER_LINES_MAX);
    for (size_t i = 0; i < order->line_count; i++) {
        const order_line *line = &order->lines[i];

        check(is_id(line->product_id));
        check(line->quantity >= 1 && line->quantity <= QUANTITY_BOUNDS.most);
        check(!line->has_price || is_within(line->price));
    }
    if (order_total(order, &total))
        check(total.minor >= 0 && total.minor <= ORDER_TOTAL_MAX);
}

static void check_same_lines(const struct order *a, const struct order *b)
{
    check(a->customer_id == b->customer_id && a->line_count == b->line_count);
    for (size_t i = 0; i < a->line_count; i++) {
        check(a->lines[i].product_id == b->lines[i].product_id);
        check(a->lines[i].quantity == b->lines[i].quantity);
        check(!a->lines[i].has_price || a->lines[i].price.minor == b->lines[i].price.minor);
    }
}

static void try_order(sf_bytes body, sf_arena *arena)
{
    sf_buffer text = SF_BUFFER_EMPTY;
    struct order order = {0}, again = {0};
    sf_json_reader json;
    sf_json_writer writer;

    sf_json_reader_init(&json, body, arena);
    order_read(&json, CENTS, &order);
    if (!is_accepted(&json))
        return;
    check_order(&order);
    sf_json_writer_init(&writer, &text);
    order_write(&writer, CENTS, &order);
    sf_json_reader_init(&json, sf_buffer_bytes(&text), arena);
    order_read(&json, CENTS, &again);
    check(is_accepted(&json));
    check_same_lines(&order, &again);
    sf_buffer_done(&text);
}

static void try_product(sf_bytes body, sf_arena *arena)
{
    sf_buffer text = SF_BUFFER_EMPTY;
    struct product product = {0}, again = {0};
    sf_json_reader json;
    sf_json_writer writer;

    sf_json_reader_init(&json, body, arena);
    product_read(&json, CENTS, &product);
    if (!is_accepted(&json))
        return;
    check_text(product.name, PRODUCT_NAME_BOUNDS);
    check_text(product.category, PRODUCT_CATEGORY_BOUNDS);
    check(is_within(product.price));
    sf_json_writer_init(&writer, &text);
    product_write(&writer, CENTS, &product);
    sf_json_reader_init(&json, sf_buffer_bytes(&text), arena);
    product_read(&json, CENTS, &again);
    check(is_accepted(&json));
    check(sf_bytes_equal(product.name, again.name) &&
          sf_bytes_equal(product.category, again.category) &&
          product.price.minor == again.price.minor);
    sf_buffer_done(&text);
}

static void try_customer(sf_bytes body, sf_arena *arena)
{
    struct customer customer = {0};
    sf_json_reader json;

    sf_json_reader_init(&json, body, arena);
    customer_read(&json, CUSTOMER_ID_OPTIONAL, &customer);
    if (!is_accepted(&json))
        return;
    check(!customer.id || is_id(customer.id));
    check_text(customer.name, CUSTOMER_NAME_BOUNDS);
    if (!sf_bytes_is_null(customer.email))
        check_text(customer.email, CUSTOMER_EMAIL_BOUNDS);
}

static void try_status(sf_bytes body, sf_arena *arena)
{
    order_status status = ORDER_CREATED;
    sf_json_reader json;

    sf_json_reader_init(&json, body, arena);
    order_status_read(&json, &status);
    if (is_accepted(&json))
        check(order_status_name(status)[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sf_arena *arena = sf_arena_new();
    sf_bytes body = sf_bytes_of(data, size);

    try_order(body, arena);
    try_product(body, arena);
    try_customer(body, arena);
    try_status(body, arena);
    sf_arena_free(arena);
    return 0;
}
