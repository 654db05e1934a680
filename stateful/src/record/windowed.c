#include <stateful/windowed.h>

#include <string.h>

#include "base/encoding.h"

enum { START_SIZE = 8 };

const sf_windowed *sf_windowed_of(sf_bytes key)
{
    return key.size == sizeof(sf_windowed) ? (const sf_windowed *)(const void *)key.data : NULL;
}

sf_bytes sf_windowed_bytes(sf_windowed windowed, sf_arena *arena)
{
    sf_windowed *place = sf_arena_alloc(arena, sizeof(*place));

    *place = windowed;
    return sf_bytes_of(place, sizeof(*place));
}

static sf_status deserialize(const sf_serde *serde, sf_bytes wire, sf_arena *arena, sf_bytes *value,
                             sf_error *err)
{
    const sf_windowed_format *format = serde->user;
    sf_windowed windowed;
    sf_status status;

    if (wire.size < START_SIZE)
        return sf_reject(err, "a windowed key wants at least 8 bytes, not %zu", wire.size);
    wire.size -= START_SIZE;
    status = sf_serde_decode(format->key, wire, arena, &windowed.key, err);
    if (status)
        return status;
    windowed.start_ms = (int64_t)sf_get_be64(wire.data + wire.size);
    windowed.end_ms = windowed.start_ms + format->size_ms;
    *value = sf_windowed_bytes(windowed, arena);
    return SF_OK;
}

static sf_status serialize(const sf_serde *serde, sf_bytes value, sf_arena *arena, sf_bytes *wire,
                           sf_error *err)
{
    const sf_windowed_format *format = serde->user;
    const sf_windowed *windowed = sf_windowed_of(value);
    sf_bytes key;
    uint8_t *bytes;
    sf_status status;

    if (!windowed)
        return sf_fail(err, SF_INVALID, "the key is not a windowed one");
    status = sf_serde_encode(format->key, windowed->key, arena, &key, err);
    if (status)
        return status;
    bytes = sf_arena_alloc(arena, key.size + START_SIZE);
    if (key.size)
        memcpy(bytes, key.data, key.size);
    sf_put_be64(bytes + key.size, (uint64_t)windowed->start_ms);
    *wire = sf_bytes_of(bytes, key.size + START_SIZE);
    return SF_OK;
}

sf_serde sf_windowed_serde(const sf_windowed_format *format)
{
    return (sf_serde){"windowed", deserialize, serialize, format};
}
