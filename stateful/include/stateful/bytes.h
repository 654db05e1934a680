/* bytes.h - a borrowed view of bytes: what travels between processors, brokers and stores.
 *
 * A NULL pointer is Kafka's null (a missing key, a tombstone); size 0 with a pointer is empty.
 */
#ifndef STATEFUL_BYTES_H
#define STATEFUL_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* size bytes at data, owned by someone else. */
typedef struct sf_bytes {
    const uint8_t *data; /* NULL: no value at all */
    size_t size;         /* in bytes */
} sf_bytes;

/* Kafka's null. */
extern const sf_bytes SF_NULL;

/* A view of size bytes at data; nothing is copied. Any thread. */
static inline sf_bytes sf_bytes_of(const void *data, size_t size)
{
    return (sf_bytes){(const uint8_t *)data, size};
}

/* A view of a NUL-terminated text without its NUL; NULL gives SF_NULL. Any thread. */
sf_bytes sf_bytes_text(const char *text);

/* Whether there is no value at all. Any thread. */
static inline bool sf_bytes_is_null(sf_bytes bytes)
{
    return !bytes.data;
}

/* Same bytes; null equals only null. Any thread. */
bool sf_bytes_equal(sf_bytes a, sf_bytes b);

/* Orders like memcmp, a prefix before what it begins, null before all. Any thread. */
int sf_bytes_compare(sf_bytes a, sf_bytes b);

#ifdef __cplusplus
}
#endif

#endif
