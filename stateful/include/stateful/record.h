/* record.h - a record: key, value, time, headers; all borrowed, valid while it is processed. */
#ifndef STATEFUL_RECORD_H
#define STATEFUL_RECORD_H

#include <stateful/arena.h>
#include <stateful/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A name and bytes that travel with a record. */
typedef struct sf_header {
    const char *name; /* NUL-terminated UTF-8 */
    sf_bytes value;
} sf_header;

/* All headers of a record; zero: none. */
typedef struct sf_headers {
    const sf_header *items; /* in the order they were written; names may repeat */
    size_t count;
} sf_headers;

/* What topics hold, as it is processed: on the wire or in flight, as the place says. */
typedef struct sf_record {
    sf_bytes key;
    sf_bytes value;
    int64_t timestamp; /* ms since 1970 UTC */
    sf_headers headers;
} sf_record;

/* A copy whose bytes live in the arena. Any thread. */
sf_record sf_record_copy(const sf_record *record, sf_arena *arena);

/* The last header of that name (the one that counts, as in Kafka), or NULL. Any thread. */
const sf_header *sf_headers_last(sf_headers headers, const char *name);

/* headers with one more at the end, in the arena; the old array is untouched. Any thread. */
sf_headers sf_headers_with(sf_headers headers, const char *name, sf_bytes value, sf_arena *arena);

/* Headers and value as one value, in the arena: stores keep values and timestamps, a processor that wants
 * headers back puts this. A null value stays null. Any thread. */
sf_bytes sf_headers_pack(sf_headers headers, sf_bytes value, sf_arena *arena);

/* The parts again; they lie in packed, the list of headers in the arena. Null gives null and none. false
 * if it was not packed so. Any thread. */
bool sf_headers_unpack(sf_bytes packed, sf_arena *arena, sf_headers *headers, sf_bytes *value);

#ifdef __cplusplus
}
#endif

#endif
