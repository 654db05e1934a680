#include "conformance/spec_windowed.h"

#include <string.h>

#include "base/encoding.h"

enum { WINDOW_SIZE = 16 };

static sf_status deserialize(const sf_serde *serde, sf_bytes wire, sf_arena *arena, sf_bytes *value,
                             sf_error *err)
{
    sf_windowed windowed;
    sf_status status;

    if (wire.size < WINDOW_SIZE)
        return sf_reject(err, "a windowed key wants at least %d bytes", WINDOW_SIZE);
    windowed.start_ms = (int64_t)sf_get_be64(wire.data);
    windowed.end_ms = (int64_t)sf_get_be64(wire.data + 8);
    status = sf_serde_decode(serde->user, sf_bytes_of(wire.data + WINDOW_SIZE, wire.size - 16),
                             arena, &windowed.key, err);
    if (!status)
        *value = sf_windowed_bytes(windowed, arena);
    return status;
}

static sf_status serialize(const sf_serde *serde, sf_bytes value, sf_arena *arena, sf_bytes *wire,
                           sf_error *err)
{
    const sf_windowed *windowed = sf_windowed_of(value);
    sf_bytes key;
    sf_status status;
    uint8_t *bytes;

    if (!windowed)
        return sf_fail(err, SF_INVALID, "the key is not a windowed one");
    status = sf_serde_encode(serde->user, windowed->key, arena, &key, err);
    if (status)
        return status;
    bytes = sf_arena_alloc(arena, WINDOW_SIZE + key.size);
    sf_put_be64(bytes, (uint64_t)windowed->start_ms);
    sf_put_be64(bytes + 8, (uint64_t)windowed->end_ms);
    if (key.size)
        memcpy(bytes + WINDOW_SIZE, key.data, key.size);
    *wire = sf_bytes_of(bytes, WINDOW_SIZE + key.size);
    return SF_OK;
}

const sf_serde *spec_windowed_serde(spec_type key)
{
    static const sf_serde serdes[] = {
        {"windowed string", deserialize, serialize, &sf_string_serde},
        {"windowed int", deserialize, serialize, &sf_int32_serde},
        {"windowed long", deserialize, serialize, &sf_int64_serde},
        {"windowed double", deserialize, serialize, &sf_double_serde},
    };

    return &serdes[key];
}

static const char *with_window(const char *key, const sf_windowed *windowed, sf_arena *arena)
{
    return sf_arena_printf(arena, "[%s@%lld/%lld]", key, (long long)windowed->start_ms,
                           (long long)windowed->end_ms);
}

const char *spec_windowed_text(const sf_windowed *windowed, spec_type type, sf_arena *arena)
{
    return with_window(spec_value_text(windowed->key, type, arena), windowed, arena);
}

const char *spec_windowed_shown(const sf_windowed *windowed, spec_type type, sf_arena *arena)
{
    return with_window(spec_value_shown(windowed->key, type, arena), windowed, arena);
}
