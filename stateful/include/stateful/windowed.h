/* windowed.h - a key together with its window: the key of windowed results. Any thread. */
#ifndef STATEFUL_WINDOWED_H
#define STATEFUL_WINDOWED_H

#include <stateful/serde.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What the key of a windowed record holds in flight. */
typedef struct sf_windowed {
    sf_bytes key;     /* in flight */
    int64_t start_ms; /* inclusive */
    int64_t end_ms;   /* exclusive; inclusive for sessions and sliding windows */
} sf_windowed;

/* The windowed key of a record that comes from a windowed table. */
const sf_windowed *sf_windowed_of(sf_bytes key);

/* A windowed key as in-flight bytes in the arena. */
sf_bytes sf_windowed_bytes(sf_windowed windowed, sf_arena *arena);

/* What a serde of windowed keys must know. */
typedef struct sf_windowed_format {
    const sf_serde *key; /* NULL: bytes as they are */
    int64_t size_ms; /* of the windows: their end is not on the wire; INT64_MAX: they have none */
} sf_windowed_format;

/* A serde for windowed keys as Kafka Streams writes them: the key, then the start in 8 bytes
 * big-endian. format outlives it, and it outlives the topology. Streams of windowed tables have one
 * already. */
sf_serde sf_windowed_serde(const sf_windowed_format *format);

/* The same for sessions: the key, then the end and the start in 8 bytes each. size_ms is not looked at.
 */
sf_serde sf_session_windowed_serde(const sf_windowed_format *format);

#ifdef __cplusplus
}
#endif

#endif
