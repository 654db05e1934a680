#include "state/sales_total.h"

#include "base/encoding.h"

enum { WIRE_SIZE = 16 };

bool sales_total_add(sales_total *total, sales_total change)
{
    sales_total sum;

    if (!sf_money_add(total->amount, change.amount, &sum.amount) ||
        __builtin_add_overflow(total->lines, change.lines, &sum.lines))
        return false;
    *total = sum;
    return true;
}

sf_status sales_total_decode(sf_bytes wire, sales_total *total, sf_error *err)
{
    if (sf_bytes_is_null(wire)) {
        *total = (sales_total){0};
        return SF_OK;
    }
    if (wire.size != WIRE_SIZE)
        return sf_fail(err, SF_CORRUPT, "a sum of %zu bytes makes no sense", wire.size);
    total->amount.minor = (int64_t)sf_get_be64(wire.data);
    total->lines = (int64_t)sf_get_be64(wire.data + 8);
    return SF_OK;
}

static sf_status deserialize(const sf_serde *serde, sf_bytes wire, sf_arena *arena, sf_bytes *value,
                             sf_error *err)
{
    sales_total *total = sf_arena_alloc(arena, sizeof *total);
    sf_status status = sales_total_decode(wire, total, err);

    (void)serde;
    if (!status)
        *value = sf_bytes_of(total, sizeof *total);
    return status;
}

static sf_status serialize(const sf_serde *serde, sf_bytes value, sf_arena *arena, sf_bytes *wire,
                           sf_error *err)
{
    const sales_total *total = (const sales_total *)value.data;
    uint8_t *bytes = sf_arena_alloc(arena, WIRE_SIZE);

    (void)serde;
    (void)err;
    sf_put_be64(bytes, (uint64_t)total->amount.minor);
    sf_put_be64(bytes + 8, (uint64_t)total->lines);
    *wire = sf_bytes_of(bytes, WIRE_SIZE);
    return SF_OK;
}

const sf_serde sales_total_serde = {
    .name = "sales-total", .deserialize = deserialize, .serialize = serialize};
