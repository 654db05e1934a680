#include "record/windowed_implementation.h"

#include <string.h>

#include "base/encoding.h"

enum { START_SIZE = 8, SESSION_SIZE = 16 };

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

/* ---- windows of one size ---- */

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
    windowed.end_ms = windowed.start_ms > INT64_MAX - format->size_ms
                          ? INT64_MAX
                          : windowed.start_ms + format->size_ms;
    *value = sf_windowed_bytes(windowed, arena);
    return SF_OK;
}

/* *windowed, and room for its key and times behind it: where the times go. */
static sf_status serialize_key(const sf_serde *serde, sf_bytes value, size_t times_size,
                               sf_arena *arena, const sf_windowed **windowed, uint8_t **times,
                               sf_bytes *wire, sf_error *err)
{
    const sf_windowed_format *format = serde->user;
    sf_bytes key;
    uint8_t *bytes;
    sf_status status;

    *windowed = sf_windowed_of(value);
    if (!*windowed)
        return sf_fail(err, SF_INVALID, "the key is not a windowed one");
    status = sf_serde_encode(format->key, (*windowed)->key, arena, &key, err);
    if (status)
        return status;
    bytes = sf_arena_alloc(arena, key.size + times_size);
    if (key.size)
        memcpy(bytes, key.data, key.size);
    *times = bytes + key.size;
    *wire = sf_bytes_of(bytes, key.size + times_size);
    return SF_OK;
}

static sf_status serialize(const sf_serde *serde, sf_bytes value, sf_arena *arena, sf_bytes *wire,
                           sf_error *err)
{
    const sf_windowed *windowed;
    uint8_t *times;
    sf_status status = serialize_key(serde, value, START_SIZE, arena, &windowed, &times, wire, err);

    if (!status)
        sf_put_be64(times, (uint64_t)windowed->start_ms);
    return status;
}

sf_serde sf_windowed_serde(const sf_windowed_format *format)
{
    return (sf_serde){"windowed", deserialize, serialize, format};
}

/* ---- sessions ---- */

static sf_status deserialize_session(const sf_serde *serde, sf_bytes wire, sf_arena *arena,
                                     sf_bytes *value, sf_error *err)
{
    const sf_windowed_format *format = serde->user;
    sf_windowed windowed;
    sf_status status;

    if (wire.size < SESSION_SIZE)
        return sf_reject(err, "the key of a session wants at least 16 bytes, not %zu", wire.size);
    wire.size -= SESSION_SIZE;
    status = sf_serde_decode(format->key, wire, arena, &windowed.key, err);
    if (status)
        return status;
    windowed.end_ms = (int64_t)sf_get_be64(wire.data + wire.size);
    windowed.start_ms = (int64_t)sf_get_be64(wire.data + wire.size + 8);
    *value = sf_windowed_bytes(windowed, arena);
    return SF_OK;
}

static sf_status serialize_session(const sf_serde *serde, sf_bytes value, sf_arena *arena,
                                   sf_bytes *wire, sf_error *err)
{
    const sf_windowed *windowed;
    uint8_t *times;
    sf_status status =
        serialize_key(serde, value, SESSION_SIZE, arena, &windowed, &times, wire, err);

    if (status)
        return status;
    sf_put_be64(times, (uint64_t)windowed->end_ms);
    sf_put_be64(times + 8, (uint64_t)windowed->start_ms);
    return SF_OK;
}

sf_serde sf_session_windowed_serde(const sf_windowed_format *format)
{
    return (sf_serde){"session", deserialize_session, serialize_session, format};
}

const sf_windowed_format *sf_serde_windowed_format(const sf_serde *serde)
{
    if (!serde || (serde->serialize != serialize && serde->serialize != serialize_session))
        return NULL;
    return serde->user;
}

size_t sf_serde_windowed_tail(const sf_serde *serde)
{
    if (!sf_serde_windowed_format(serde))
        return 0;
    return serde->serialize == serialize ? START_SIZE : SESSION_SIZE;
}
