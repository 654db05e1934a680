#include "store/window_key.h"

#include "base/encoding.h"

static const sf_window_layout LOGGED = {.has_sequence = true};

static size_t sequence_size(sf_window_layout layout)
{
    return layout.has_sequence ? SF_WINDOW_SEQUENCE_SIZE : 0;
}

int sf_window_layout_time_at(sf_window_layout layout)
{
    return layout.by_time ? 0 : -(int)(SF_WINDOW_START_SIZE + sequence_size(layout));
}

static void add_start(sf_buffer *encoded, int64_t start_ms)
{
    sf_put_be64(sf_buffer_extend(encoded, SF_WINDOW_START_SIZE), (uint64_t)start_ms);
}

void sf_window_key_encode(sf_window_layout layout, const sf_window_key *window, sf_buffer *encoded)
{
    sf_buffer_clear(encoded);
    if (layout.by_time)
        add_start(encoded, window->start_ms);
    sf_buffer_add_bytes(encoded, window->key);
    if (!layout.by_time)
        add_start(encoded, window->start_ms);
    if (layout.has_sequence)
        sf_put_be32(sf_buffer_extend(encoded, SF_WINDOW_SEQUENCE_SIZE), window->sequence);
}

void sf_window_key_encode_logged(const sf_window_key *window, sf_buffer *encoded)
{
    sf_window_key_encode(LOGGED, window, encoded);
}

bool sf_window_key_decode(sf_window_layout layout, sf_bytes encoded, sf_window_key *window)
{
    size_t others = SF_WINDOW_START_SIZE + sequence_size(layout);
    const uint8_t *start;

    if (encoded.size < others)
        return false;
    window->key = sf_bytes_of(encoded.data + (layout.by_time ? SF_WINDOW_START_SIZE : 0),
                              encoded.size - others);
    start = layout.by_time ? encoded.data : window->key.data + window->key.size;
    window->start_ms = (int64_t)sf_get_be64(start);
    window->sequence = layout.has_sequence
                           ? sf_get_be32(encoded.data + encoded.size - SF_WINDOW_SEQUENCE_SIZE)
                           : 0;
    return true;
}

bool sf_window_key_decode_logged(sf_bytes encoded, sf_window_key *window)
{
    return sf_window_key_decode(LOGGED, encoded, window);
}
