#include "store/session_key.h"

#include "base/encoding.h"

static void add_times(const sf_session_key *session, sf_buffer *encoded)
{
    uint8_t *times = sf_buffer_extend(encoded, SF_SESSION_TIMES_SIZE);

    sf_put_be64(times, (uint64_t)session->end_ms);
    sf_put_be64(times + 8, (uint64_t)session->start_ms);
}

void sf_session_key_encode(const sf_session_key *session, sf_buffer *encoded)
{
    sf_buffer_clear(encoded);
    sf_buffer_add_bytes(encoded, session->key);
    add_times(session, encoded);
}

void sf_session_key_encode_by_end(const sf_session_key *session, sf_buffer *encoded)
{
    sf_buffer_clear(encoded);
    add_times(session, encoded);
    sf_buffer_add_bytes(encoded, session->key);
}

static bool decode(sf_bytes encoded, size_t key_at, size_t times_at, sf_session_key *session)
{
    *session = (sf_session_key){
        .key = sf_bytes_of(encoded.data + key_at, encoded.size - SF_SESSION_TIMES_SIZE),
        .end_ms = (int64_t)sf_get_be64(encoded.data + times_at),
        .start_ms = (int64_t)sf_get_be64(encoded.data + times_at + 8),
    };
    return true;
}

bool sf_session_key_decode(sf_bytes encoded, sf_session_key *session)
{
    return encoded.size >= SF_SESSION_TIMES_SIZE &&
           decode(encoded, 0, encoded.size - SF_SESSION_TIMES_SIZE, session);
}

bool sf_session_key_decode_by_end(sf_bytes encoded, sf_session_key *session)
{
    return encoded.size >= SF_SESSION_TIMES_SIZE &&
           decode(encoded, SF_SESSION_TIMES_SIZE, 0, session);
}
