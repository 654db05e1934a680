/* session_key.h - the keys of session stores, without the partition. Numbers are 8 bytes big-endian.
 *
 *   by key:     key, end, start     (on disk, and in the changelog as in Kafka Streams')
 *   by end:     end, start, key     (the index)
 */
#ifndef SF_STORE_SESSION_KEY_H
#define SF_STORE_SESSION_KEY_H

#include "base/buffer.h"

#define SF_SESSION_TIMES_SIZE 16

typedef struct sf_session_key {
    sf_bytes key;
    int64_t start_ms;
    int64_t end_ms;
} sf_session_key;

/* Where the end is: see expiry.h. */
#define SF_SESSION_END_AT (-SF_SESSION_TIMES_SIZE)

/* Replace the buffer's contents. Times are not negative. */
void sf_session_key_encode(const sf_session_key *session, sf_buffer *encoded);
void sf_session_key_encode_by_end(const sf_session_key *session, sf_buffer *encoded);

/* key lies in encoded; false: too short. */
bool sf_session_key_decode(sf_bytes encoded, sf_session_key *session);
bool sf_session_key_decode_by_end(sf_bytes encoded, sf_session_key *session);

#endif
