#include <stateful/serde.h>

#include <string.h>

#include "base/encoding.h"

static sf_status decode_32(const sf_serde *serde, sf_bytes wire, sf_arena *arena, sf_bytes *value,
                           sf_error *err)
{
    uint32_t *number;

    if (wire.size != 4)
        return sf_reject(err, "%s wants 4 bytes, not %zu", serde->name, wire.size);
    number = sf_arena_alloc(arena, 4);
    *number = sf_get_be32(wire.data);
    *value = sf_bytes_of(number, 4);
    return SF_OK;
}

static sf_status encode_32(const sf_serde *serde, sf_bytes value, sf_arena *arena, sf_bytes *wire,
                           sf_error *err)
{
    uint8_t *bytes;
    uint32_t number;

    if (value.size != 4)
        return sf_reject(err, "%s wants 4 bytes, not %zu", serde->name, value.size);
    memcpy(&number, value.data, 4);
    bytes = sf_arena_alloc(arena, 4);
    sf_put_be32(bytes, number);
    *wire = sf_bytes_of(bytes, 4);
    return SF_OK;
}

static sf_status decode_64(const sf_serde *serde, sf_bytes wire, sf_arena *arena, sf_bytes *value,
                           sf_error *err)
{
    uint64_t *number;

    if (wire.size != 8)
        return sf_reject(err, "%s wants 8 bytes, not %zu", serde->name, wire.size);
    number = sf_arena_alloc(arena, 8);
    *number = sf_get_be64(wire.data);
    *value = sf_bytes_of(number, 8);
    return SF_OK;
}

static sf_status encode_64(const sf_serde *serde, sf_bytes value, sf_arena *arena, sf_bytes *wire,
                           sf_error *err)
{
    uint8_t *bytes;
    uint64_t number;

    if (value.size != 8)
        return sf_reject(err, "%s wants 8 bytes, not %zu", serde->name, value.size);
    memcpy(&number, value.data, 8);
    bytes = sf_arena_alloc(arena, 8);
    sf_put_be64(bytes, number);
    *wire = sf_bytes_of(bytes, 8);
    return SF_OK;
}

const sf_serde sf_bytes_serde = {.name = "bytes"};
const sf_serde sf_string_serde = {.name = "string"};
const sf_serde sf_int32_serde = {"int32", decode_32, encode_32, NULL};
const sf_serde sf_int64_serde = {"int64", decode_64, encode_64, NULL};
const sf_serde sf_double_serde = {"double", decode_64, encode_64, NULL};

sf_status sf_serde_decode(const sf_serde *serde, sf_bytes wire, sf_arena *arena, sf_bytes *value,
                          sf_error *err)
{
    if (serde && serde->deserialize && wire.data)
        return serde->deserialize(serde, wire, arena, value, err);
    *value = wire;
    return SF_OK;
}

sf_status sf_serde_encode(const sf_serde *serde, sf_bytes value, sf_arena *arena, sf_bytes *wire,
                          sf_error *err)
{
    if (serde && serde->serialize && value.data)
        return serde->serialize(serde, value, arena, wire, err);
    *wire = value;
    return SF_OK;
}

sf_bytes sf_bytes_from_int64(int64_t value, sf_arena *arena)
{
    int64_t *place = sf_arena_alloc(arena, sizeof(*place));

    *place = value;
    return sf_bytes_of(place, sizeof(*place));
}

int64_t sf_bytes_to_int64(sf_bytes bytes)
{
    int64_t value = 0;

    if (bytes.size == sizeof(value))
        memcpy(&value, bytes.data, sizeof(value));
    return value;
}
