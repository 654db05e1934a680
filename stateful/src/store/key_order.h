/* key_order.h - keys as numbers that compare like them: behind what all of them begin with, 8 bytes tell
 * nearly any two apart, and sorting hardly looks at the keys themselves. */
#ifndef SF_STORE_KEY_ORDER_H
#define SF_STORE_KEY_ORDER_H

#include <string.h>

#include <stateful/bytes.h>

#include "base/encoding.h"

/* How many bytes they have in common at their beginning. */
static inline size_t sf_key_order_common(sf_bytes a, sf_bytes b)
{
    size_t limit = a.size < b.size ? a.size : b.size;
    size_t common = 0;

    while (common < limit && a.data[common] == b.data[common])
        common++;
    return common;
}

/* Up to 8 bytes behind the common ones, as a number: of two keys with different numbers the lesser one
 * has the lesser number. from is at most the key's size. */
static inline uint64_t sf_key_order_of(sf_bytes key, size_t from)
{
    uint8_t bytes[8] = {0};
    size_t size = key.size - from < 8 ? key.size - from : 8;

    memcpy(bytes, key.data + from, size);
    return sf_get_be64(bytes);
}

#endif
