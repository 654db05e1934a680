#include "task/repartition_value.h"

#include <string.h>

#include "base/encoding.h"

enum { HEAD_SIZE = 9 };

sf_bytes sf_repartition_value_encode(sf_bytes value, int64_t timestamp, sf_arena *arena)
{
    uint8_t *wire = sf_arena_alloc(arena, HEAD_SIZE + value.size);

    wire[0] = !sf_bytes_is_null(value);
    sf_put_be64(wire + 1, (uint64_t)timestamp);
    if (value.size)
        memcpy(wire + HEAD_SIZE, value.data, value.size);
    return sf_bytes_of(wire, HEAD_SIZE + value.size);
}

sf_status sf_repartition_value_decode(sf_bytes wire, sf_bytes *value, int64_t *timestamp,
                                      sf_error *err)
{
    if (wire.size < HEAD_SIZE || wire.data[0] > 1 || (!wire.data[0] && wire.size > HEAD_SIZE))
        return sf_reject(err, "not the value of a repartition record");
    *timestamp = (int64_t)sf_get_be64(wire.data + 1);
    *value = wire.data[0] ? sf_bytes_of(wire.data + HEAD_SIZE, wire.size - HEAD_SIZE) : SF_NULL;
    return SF_OK;
}
