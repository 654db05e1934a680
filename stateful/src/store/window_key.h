/* window_key.h - the keys of window stores: of a window on disk (without the partition) and in the
 * changelog, which is Kafka Streams' own.
 *
 *   by key:     key, start (8 bytes big-endian)
 *   by time:    start, key
 *   changelog:  key, start, sequence (4 bytes big-endian, 0 as long as a window has one value)
 */
#ifndef SF_STORE_WINDOW_KEY_H
#define SF_STORE_WINDOW_KEY_H

#include "base/buffer.h"

#define SF_WINDOW_START_SIZE 8
#define SF_WINDOW_SEQUENCE_SIZE 4

typedef struct sf_window_key {
    sf_bytes key;
    int64_t start_ms;
} sf_window_key;

/* Replace the buffer's contents. start_ms is not negative. */
void sf_window_key_encode(bool by_time, sf_bytes key, int64_t start_ms, sf_buffer *encoded);
void sf_window_key_encode_logged(sf_bytes key, int64_t start_ms, sf_buffer *encoded);

/* key lies in encoded; false: too short. */
bool sf_window_key_decode(bool by_time, sf_bytes encoded, sf_window_key *window);
bool sf_window_key_decode_logged(sf_bytes encoded, sf_window_key *window);

#endif
