#include "store/version_row.h"

#include "base/encoding.h"

#define END_SIZE 8
#define TIMESTAMP_SIZE 8
#define FLAG_SIZE 1

void sf_version_row_encode_key(sf_bytes key, int64_t to_ms, sf_buffer *encoded)
{
    sf_buffer_clear(encoded);
    sf_buffer_add_bytes(encoded, key);
    sf_put_be64(sf_buffer_extend(encoded, END_SIZE), (uint64_t)to_ms);
}

void sf_version_row_encode_value(sf_bytes value, sf_buffer *encoded)
{
    sf_buffer_clear(encoded);
    *sf_buffer_extend(encoded, FLAG_SIZE) = value.data ? 1 : 0;
    sf_buffer_add_bytes(encoded, value);
}

bool sf_version_row_decode_key(sf_bytes encoded, sf_bytes key, int64_t *to_ms)
{
    if (encoded.size != key.size + END_SIZE ||
        !sf_bytes_equal(sf_bytes_of(encoded.data, key.size), key))
        return false;
    *to_ms = (int64_t)sf_get_be64(encoded.data + key.size);
    return true;
}

bool sf_version_row_decode_value(sf_bytes full_value, sf_version_row *row)
{
    size_t before = TIMESTAMP_SIZE + FLAG_SIZE;

    if (full_value.size < before)
        return false;
    row->from_ms = (int64_t)sf_get_be64(full_value.data);
    row->value = full_value.data[TIMESTAMP_SIZE]
                     ? sf_bytes_of(full_value.data + before, full_value.size - before)
                     : SF_NULL;
    return true;
}
