#include "domain/order.h"

#include <string.h>

#include "base/memory.h"

static const char *const policies[] = {
    [PRICE_AGREED] = "agreed",
    [PRICE_LIST] = "list",
    [PRICE_STRICT] = "strict",
};

const char *price_policy_name(price_policy policy)
{
    return policies[policy];
}

bool price_policy_parse(const char *name, price_policy *policy)
{
    for (size_t i = 0; i < SF_ARRAY_LENGTH(policies); i++) {
        if (!strcmp(name, policies[i])) {
            *policy = (price_policy)i;
            return true;
        }
    }
    return false;
}

enum { PRODUCT_ID, QUANTITY, PRICE };

static const sf_json_member line_members[] = {
    [PRODUCT_ID] = SF_JSON_REQUIRED("productId"),
    [QUANTITY] = SF_JSON_REQUIRED("quantity"),
    [PRICE] = SF_JSON_OPTIONAL("price"),
};

static void read_line(sf_json_reader *json, int currency_exponent, order_line *line)
{
    sf_json_object object;
    int member;

    *line = (order_line){0};
    sf_json_read_object(json, &object, line_members, SF_ARRAY_LENGTH(line_members));
    while ((member = sf_json_next_member(json, &object)) >= 0) {
        if (member == PRODUCT_ID)
            sf_json_read_id(json, &line->product_id);
        else if (member == QUANTITY)
            sf_json_read_integer(json, QUANTITY_BOUNDS, &line->quantity);
        else if (!sf_json_read_null(json))
            line->has_price =
                sf_json_read_money(json, currency_exponent, PRICE_BOUNDS, &line->price);
    }
}

/* Room for one more line; a full array is copied into one of twice the size. */
static order_line *next_line(sf_arena *arena, struct order *order, size_t *room)
{
    if (order->line_count == *room) {
        size_t wider = *room ? 2 * *room : 4;
        order_line *lines = sf_arena_alloc(arena, wider * sizeof(*lines));

        if (order->line_count)
            memcpy(lines, order->lines, order->line_count * sizeof(*lines));
        order->lines = lines;
        *room = wider;
    }
    return &order->lines[order->line_count++];
}

static void read_lines(sf_json_reader *json, int currency_exponent, struct order *order)
{
    sf_json_array array;
    sf_money total;
    size_t count = 0, room = 0;
    bool is_array = sf_json_read_array(json, &array);

    while (sf_json_next_item(json, &array))
        if (++count <= ORDER_LINES_MAX)
            read_line(json, currency_exponent, next_line(json->arena, order, &room));
    if (is_array && (count == 0 || count > ORDER_LINES_MAX))
        sf_json_note(json, "must have from 1 to %d lines, has %zu", ORDER_LINES_MAX, count);
    else if (!order_total(order, &total))
        sf_json_note(json, "must not come to more than %lld minor units of the currency",
                     (long long)ORDER_TOTAL_MAX);
}

enum { CUSTOMER_ID, ITEMS };

static const sf_json_member members[] = {
    [CUSTOMER_ID] = SF_JSON_REQUIRED("customerId"),
    [ITEMS] = SF_JSON_REQUIRED("items"),
};

void order_read(sf_json_reader *json, int currency_exponent, struct order *order)
{
    sf_json_object object;
    int member;

    sf_json_read_object(json, &object, members, SF_ARRAY_LENGTH(members));
    while ((member = sf_json_next_member(json, &object)) >= 0) {
        if (member == CUSTOMER_ID)
            sf_json_read_id(json, &order->customer_id);
        else
            read_lines(json, currency_exponent, order);
    }
}

static void note_unknown_status(sf_json_reader *json)
{
    sf_json_note(json, "must be one of CREATED, CONFIRMED, PAID, PROCESSING, SHIPPED, DELIVERED, "
                       "COMPLETED, CANCELLED, FAILED, RETURNED, REFUNDED");
}

enum { STATUS, ORDER_ID, STATUS_MEMBERS };

static void read_step(sf_json_reader *json, size_t member_count, int64_t *id, order_status *status)
{
    static const sf_json_member step_members[STATUS_MEMBERS] = {
        [STATUS] = SF_JSON_REQUIRED("status"),
        [ORDER_ID] = SF_JSON_REQUIRED("orderId"),
    };
    sf_json_object object;
    sf_bytes name;
    int member;

    sf_json_read_object(json, &object, step_members, member_count);
    while ((member = sf_json_next_member(json, &object)) >= 0) {
        if (member == ORDER_ID)
            sf_json_read_id(json, id);
        else if (sf_json_read_line(json, (sf_json_bounds){1, 100}, &name) &&
                 !order_status_parse(name, status))
            note_unknown_status(json);
    }
}

void order_status_read(sf_json_reader *json, order_status *status)
{
    read_step(json, ORDER_ID, NULL, status);
}

void order_status_read_with_id(sf_json_reader *json, int64_t *id, order_status *status)
{
    read_step(json, STATUS_MEMBERS, id, status);
}

void order_write(sf_json_writer *json, int currency_exponent, const struct order *order)
{
    sf_json_write_object(json, NULL);
    sf_json_write_integer(json, "id", order->id);
    sf_json_write_integer(json, "customerId", order->customer_id);
    sf_json_write_text(json, "status", order_status_name(order->status));
    sf_json_write_array(json, "items");
    for (size_t i = 0; i < order->line_count; i++) {
        sf_json_write_object(json, NULL);
        sf_json_write_integer(json, "productId", order->lines[i].product_id);
        sf_json_write_integer(json, "quantity", order->lines[i].quantity);
        sf_json_write_money(json, "price", order->lines[i].price, currency_exponent);
        sf_json_write_end_object(json);
    }
    sf_json_write_end_array(json);
    sf_json_write_end_object(json);
}

bool order_total(const struct order *order, sf_money *total)
{
    sf_money sum = {0};

    for (size_t i = 0; i < order->line_count; i++) {
        sf_money line;

        if (!order->lines[i].has_price)
            continue;
        if (!sf_money_multiply(order->lines[i].price, order->lines[i].quantity, &line) ||
            !sf_money_add(sum, line, &sum) || sum.minor > ORDER_TOTAL_MAX)
            return false;
    }
    *total = sum;
    return true;
}
