#include "dsl/operators/value_pair.h"

#include <string.h>

#include "base/encoding.h"

enum { HAS_NOW = 1, HAS_BEFORE = 2, HEAD_SIZE = 5 };

sf_bytes sf_value_pair_bytes(sf_value_pair pair, sf_arena *arena)
{
    sf_value_pair *place = sf_arena_alloc(arena, sizeof(*place));

    *place = pair;
    return sf_bytes_of(place, sizeof(*place));
}

const sf_value_pair *sf_value_pair_of(sf_bytes bytes)
{
    return (const sf_value_pair *)(const void *)bytes.data;
}

static uint8_t *put(uint8_t *to, sf_bytes bytes)
{
    if (bytes.size)
        memcpy(to, bytes.data, bytes.size);
    return to + bytes.size;
}

static sf_status serialize(const sf_serde *serde, sf_bytes value, sf_arena *arena, sf_bytes *wire,
                           sf_error *err)
{
    const sf_value_pair *pair = sf_value_pair_of(value);
    sf_bytes now, before;
    uint8_t *bytes;
    sf_status status = sf_serde_encode(serde->user, pair->now, arena, &now, err);

    if (!status)
        status = sf_serde_encode(serde->user, pair->before, arena, &before, err);
    if (status)
        return status;
    bytes = sf_arena_alloc(arena, HEAD_SIZE + now.size + before.size);
    bytes[0] = (uint8_t)((now.data ? HAS_NOW : 0) | (before.data ? HAS_BEFORE : 0));
    sf_put_be32(bytes + 1, (uint32_t)now.size);
    (void)put(put(bytes + HEAD_SIZE, now), before);
    *wire = sf_bytes_of(bytes, HEAD_SIZE + now.size + before.size);
    return SF_OK;
}

/* The bytes of both; false: nobody writes such a pair. */
static bool cut(sf_bytes wire, sf_bytes *now, sf_bytes *before)
{
    size_t now_size, room;

    if (wire.size < HEAD_SIZE || wire.data[0] > (HAS_NOW | HAS_BEFORE))
        return false;
    now_size = sf_get_be32(wire.data + 1);
    room = wire.size - HEAD_SIZE;
    if (now_size > room)
        return false;
    *now = sf_bytes_of(wire.data + HEAD_SIZE, now_size);
    *before = sf_bytes_of(wire.data + HEAD_SIZE + now_size, room - now_size);
    return (wire.data[0] & HAS_NOW || !now->size) && (wire.data[0] & HAS_BEFORE || !before->size);
}

/* A part in memory of its own, so that what is in flight is aligned. */
static sf_status decode(const sf_serde *serde, bool is_there, sf_bytes part, sf_arena *arena,
                        sf_bytes *value, sf_error *err)
{
    *value = SF_NULL;
    if (!is_there)
        return SF_OK;
    return sf_serde_decode(serde->user, sf_arena_copy(arena, part), arena, value, err);
}

static sf_status deserialize(const sf_serde *serde, sf_bytes wire, sf_arena *arena, sf_bytes *value,
                             sf_error *err)
{
    sf_value_pair pair;
    sf_bytes now, before;
    sf_status status;

    if (!cut(wire, &now, &before))
        return sf_reject(err, "not a pair of a new and an old value");
    status = decode(serde, wire.data[0] & HAS_NOW, now, arena, &pair.now, err);
    if (!status)
        status = decode(serde, wire.data[0] & HAS_BEFORE, before, arena, &pair.before, err);
    if (!status)
        *value = sf_value_pair_bytes(pair, arena);
    return status;
}

sf_serde sf_value_pair_serde(const sf_serde *value)
{
    return (sf_serde){"new and old value", deserialize, serialize, value};
}
