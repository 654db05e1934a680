#include "state/product_sales.h"

#include "base/encoding.h"

enum { WIRE_SIZE = 48 };

bool product_sales_add(product_sales *sales, const line_change *line, int64_t sold_at)
{
    product_sales sum = *sales;

    if (!sales_total_add(&sum.total, line->change) ||
        !sf_money_add(sum.gross, line->gross, &sum.gross) ||
        __builtin_add_overflow(sum.units, line->units, &sum.units) ||
        __builtin_add_overflow(sum.orders, line->orders, &sum.orders))
        return false;
    if (sold_at > sum.last_sale_at)
        sum.last_sale_at = sold_at;
    *sales = sum;
    return true;
}

sf_status product_sales_decode(sf_bytes wire, product_sales *sales, sf_error *err)
{
    if (sf_bytes_is_null(wire)) {
        *sales = (product_sales){0};
        return SF_OK;
    }
    if (wire.size != WIRE_SIZE)
        return sf_fail(err, SF_CORRUPT, "a product's sales of %zu bytes make no sense", wire.size);
    *sales = (product_sales){
        .total = {.amount.minor = (int64_t)sf_get_be64(wire.data),
                  .lines = (int64_t)sf_get_be64(wire.data + 8)},
        .gross.minor = (int64_t)sf_get_be64(wire.data + 16),
        .units = (int64_t)sf_get_be64(wire.data + 24),
        .orders = (int64_t)sf_get_be64(wire.data + 32),
        .last_sale_at = (int64_t)sf_get_be64(wire.data + 40),
    };
    return SF_OK;
}

static sf_status deserialize(const sf_serde *serde, sf_bytes wire, sf_arena *arena, sf_bytes *value,
                             sf_error *err)
{
    product_sales *sales = sf_arena_alloc(arena, sizeof *sales);
    sf_status status = product_sales_decode(wire, sales, err);

    (void)serde;
    if (!status)
        *value = sf_bytes_of(sales, sizeof *sales);
    return status;
}

static sf_status serialize(const sf_serde *serde, sf_bytes value, sf_arena *arena, sf_bytes *wire,
                           sf_error *err)
{
    const product_sales *sales = (const product_sales *)value.data;
    uint8_t *bytes = sf_arena_alloc(arena, WIRE_SIZE);

    (void)serde;
    (void)err;
    sf_put_be64(bytes, (uint64_t)sales->total.amount.minor);
    sf_put_be64(bytes + 8, (uint64_t)sales->total.lines);
    sf_put_be64(bytes + 16, (uint64_t)sales->gross.minor);
    sf_put_be64(bytes + 24, (uint64_t)sales->units);
    sf_put_be64(bytes + 32, (uint64_t)sales->orders);
    sf_put_be64(bytes + 40, (uint64_t)sales->last_sale_at);
    *wire = sf_bytes_of(bytes, WIRE_SIZE);
    return SF_OK;
}

const sf_serde product_sales_serde = {
    .name = "product-sales", .deserialize = deserialize, .serialize = serialize};
