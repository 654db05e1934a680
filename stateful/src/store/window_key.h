/* window_key.h - the keys of window stores: of a window on disk (without the partition) and in the
 * changelog, which is Kafka Streams' own.
 *
 *   by key:     key, start (8 bytes big-endian)
 *   by time:    start, key
 *   changelog:  key, start, sequence
 *
 * Stores that keep duplicates have the sequence (4 bytes big-endian, from 0 for each key and start)
 * at the end on disk too; elsewhere it is 0.
 */
#ifndef SF_STORE_WINDOW_KEY_H
#define SF_STORE_WINDOW_KEY_H

#include "base/buffer.h"

#define SF_WINDOW_START_SIZE 8
#define SF_WINDOW_SEQUENCE_SIZE 4

typedef struct sf_window_key {
    sf_bytes key;
    int64_t start_ms;
    uint32_t sequence;
} sf_window_key;

typedef struct sf_window_layout {
    bool by_time;
    bool has_sequence;
} sf_window_layout;

/* Where the start is: see expiry.h. */
int sf_window_layout_time_at(sf_window_layout layout);

/* Replace the buffer's contents. start_ms is not negative. */
void sf_window_key_encode(sf_window_layout layout, const sf_window_key *window, sf_buffer *encoded);
void sf_window_key_encode_logged(const sf_window_key *window, sf_buffer *encoded);

/* key lies in encoded; false: too short. */
bool sf_window_key_decode(sf_window_layout layout, sf_bytes encoded, sf_window_key *window);
bool sf_window_key_decode_logged(sf_bytes encoded, sf_window_key *window);

#endif
