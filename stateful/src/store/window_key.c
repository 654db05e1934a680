#include "store/window_key.h"

#include "base/encoding.h"

void sf_window_key_encode(bool by_time, sf_bytes key, int64_t start_ms, sf_buffer *encoded)
{
    uint8_t *to;

    sf_buffer_clear(encoded);
    to = sf_buffer_extend(encoded, key.size + SF_WINDOW_START_SIZE);
    memcpy(by_time ? to + SF_WINDOW_START_SIZE : to, key.data, key.size);
    sf_put_be64(by_time ? to : to + key.size, (uint64_t)start_ms);
}

void sf_window_key_encode_logged(sf_bytes key, int64_t start_ms, sf_buffer *encoded)
{
    sf_window_key_encode(false, key, start_ms, encoded);
    sf_put_be32(sf_buffer_extend(encoded, SF_WINDOW_SEQUENCE_SIZE), 0);
}

bool sf_window_key_decode(bool by_time, sf_bytes encoded, sf_window_key *window)
{
    size_t key_size = encoded.size - SF_WINDOW_START_SIZE;

    if (encoded.size < SF_WINDOW_START_SIZE)
        return false;
    window->key = sf_bytes_of(encoded.data + (by_time ? SF_WINDOW_START_SIZE : 0), key_size);
    window->start_ms = (int64_t)sf_get_be64(encoded.data + (by_time ? 0 : key_size));
    return true;
}

bool sf_window_key_decode_logged(sf_bytes encoded, sf_window_key *window)
{
    if (encoded.size < SF_WINDOW_START_SIZE + SF_WINDOW_SEQUENCE_SIZE)
        return false;
    encoded.size -= SF_WINDOW_SEQUENCE_SIZE;
    return sf_window_key_decode(false, encoded, window);
}
