/* serde.h - how bytes on the wire become bytes in flight, and back.
 *
 * Serdes stand on edges only: source, sink, repartition, store. In flight a value may be any flat
 * C struct (no pointers out of it but into the same arena). A serde is a constant and outlives the
 * topology. Null passes by untouched: neither function ever sees it.
 */
#ifndef STATEFUL_SERDE_H
#define STATEFUL_SERDE_H

#include <stateful/arena.h>
#include <stateful/bytes.h>
#include <stateful/error.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sf_serde sf_serde;

/* How one type is written; constant, used by all threads at once. */
struct sf_serde {
    const char *name; /* for messages: "int64" */

    /* wire -> in flight. The result lies in the arena or within wire. SF_REJECT for bytes that
     * make no sense. NULL: the bytes are the same. */
    sf_status (*deserialize)(const sf_serde *serde, sf_bytes wire, sf_arena *arena, sf_bytes *value,
                             sf_error *err);

    /* in flight -> wire, the same way. */
    sf_status (*serialize)(const sf_serde *serde, sf_bytes value, sf_arena *arena, sf_bytes *wire,
                           sf_error *err);

    const void *user;
};

extern const sf_serde sf_bytes_serde;  /* as it is */
extern const sf_serde sf_string_serde; /* UTF-8 without NUL, as it is */
extern const sf_serde sf_int32_serde;  /* in flight int32_t, on the wire 4 bytes big-endian */
extern const sf_serde sf_int64_serde;  /* in flight int64_t, on the wire 8 bytes big-endian */
extern const sf_serde sf_double_serde; /* in flight double, on the wire 8 bytes big-endian */

/* Apply a serde (NULL: as it is); null stays null. Any thread. */
sf_status sf_serde_decode(const sf_serde *serde, sf_bytes wire, sf_arena *arena, sf_bytes *value,
                          sf_error *err);
sf_status sf_serde_encode(const sf_serde *serde, sf_bytes value, sf_arena *arena, sf_bytes *wire,
                          sf_error *err);

/* An int64_t or a double in the arena as in-flight bytes, and back (0 for null). Any thread. */
sf_bytes sf_bytes_from_int64(int64_t value, sf_arena *arena);
int64_t sf_bytes_to_int64(sf_bytes bytes);

#ifdef __cplusplus
}
#endif

#endif
