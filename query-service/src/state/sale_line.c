#include "state/sale_line.h"

#include <string.h>

#include "base/encoding.h"

enum { CHANGE_SIZE = 56, AMOUNT_SIZE = 8, DIGITS_MAX = 20 };

static sf_status deserialize_change(const sf_serde *serde, sf_bytes wire, sf_arena *arena,
                                    sf_bytes *value, sf_error *err)
{
    line_change *line;

    (void)serde;
    if (wire.size != CHANGE_SIZE)
        return sf_reject(err, "a line of %zu bytes makes no sense", wire.size);
    line = sf_arena_alloc(arena, sizeof *line);
    *line = (line_change){
        .order_id = (int64_t)sf_get_be64(wire.data),
        .index = (int64_t)sf_get_be64(wire.data + 8),
        .change = {.amount.minor = (int64_t)sf_get_be64(wire.data + 16),
                   .lines = (int64_t)sf_get_be64(wire.data + 24)},
        .gross.minor = (int64_t)sf_get_be64(wire.data + 32),
        .units = (int64_t)sf_get_be64(wire.data + 40),
        .orders = (int64_t)sf_get_be64(wire.data + 48),
    };
    *value = sf_bytes_of(line, sizeof *line);
    return SF_OK;
}

static sf_status serialize_change(const sf_serde *serde, sf_bytes value, sf_arena *arena,
                                  sf_bytes *wire, sf_error *err)
{
    const line_change *line = (const line_change *)value.data;
    uint8_t *bytes = sf_arena_alloc(arena, CHANGE_SIZE);

    (void)serde;
    (void)err;
    sf_put_be64(bytes, (uint64_t)line->order_id);
    sf_put_be64(bytes + 8, (uint64_t)line->index);
    sf_put_be64(bytes + 16, (uint64_t)line->change.amount.minor);
    sf_put_be64(bytes + 24, (uint64_t)line->change.lines);
    sf_put_be64(bytes + 32, (uint64_t)line->gross.minor);
    sf_put_be64(bytes + 40, (uint64_t)line->units);
    sf_put_be64(bytes + 48, (uint64_t)line->orders);
    *wire = sf_bytes_of(bytes, CHANGE_SIZE);
    return SF_OK;
}

const sf_serde line_change_serde = {
    .name = "line-change", .deserialize = deserialize_change, .serialize = serialize_change};

static sf_status deserialize_id(const sf_serde *serde, sf_bytes wire, sf_arena *arena,
                                sf_bytes *value, sf_error *err)
{
    int64_t id = 0;

    (void)serde;
    if (!wire.size)
        return sf_reject(err, "an empty key is no id");
    for (size_t i = 0; i < wire.size; i++)
        if (wire.data[i] < '0' || wire.data[i] > '9' || __builtin_mul_overflow(id, 10, &id) ||
            __builtin_add_overflow(id, wire.data[i] - '0', &id))
            return sf_reject(err, "the key is no id in decimal digits");
    *value = sf_bytes_from_int64(id, arena);
    return SF_OK;
}

static sf_status serialize_id(const sf_serde *serde, sf_bytes value, sf_arena *arena,
                              sf_bytes *wire, sf_error *err)
{
    uint64_t rest = (uint64_t)sf_bytes_to_int64(value);
    uint8_t *end = (uint8_t *)sf_arena_alloc(arena, DIGITS_MAX) + DIGITS_MAX;
    uint8_t *at = end;

    (void)serde;
    (void)err;
    do {
        *--at = (uint8_t)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    *wire = sf_bytes_of(at, (size_t)(end - at));
    return SF_OK;
}

const sf_serde decimal_id_serde = {
    .name = "decimal-id", .deserialize = deserialize_id, .serialize = serialize_id};

void sale_key_write(const sale_key *key, uint8_t bytes[SALE_KEY_SIZE])
{
    sf_put_be64(bytes, (uint64_t)key->product_id);
    sf_put_be64(bytes + 8, (uint64_t)key->sold_at);
    sf_put_be64(bytes + 16, (uint64_t)key->order_id);
    sf_put_be64(bytes + 24, (uint64_t)key->index);
}

sf_bytes booked_sale_write(const booked_sale *sale, uint8_t bytes[BOOKED_SALE_SIZE_MAX])
{
    sf_put_be64(bytes, (uint64_t)sale->amount.minor);
    memcpy(bytes + AMOUNT_SIZE, sale->category.data, sale->category.size);
    return sf_bytes_of(bytes, AMOUNT_SIZE + sale->category.size);
}

sf_status booked_sale_read(sf_bytes bytes, booked_sale *sale, sf_error *err)
{
    if (bytes.size <= AMOUNT_SIZE || bytes.size > BOOKED_SALE_SIZE_MAX)
        return sf_fail(err, SF_CORRUPT, "a booked sale of %zu bytes makes no sense", bytes.size);
    sale->amount.minor = (int64_t)sf_get_be64(bytes.data);
    sale->category = sf_bytes_of(bytes.data + AMOUNT_SIZE, bytes.size - AMOUNT_SIZE);
    return SF_OK;
}
