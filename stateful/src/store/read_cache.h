/* read_cache.h - the clean entries of many write buffers, under one bound: a store that is read much gets
 * the room of those that are not. The write buffers keep it (buffer_pool.c); who makes one sets the limit
 * and leaves the rest zero. Stream thread only.
 */
#ifndef SF_STORE_READ_CACHE_H
#define SF_STORE_READ_CACHE_H

#include <stddef.h>

struct sf_write_buffer;

typedef struct sf_read_cache {
    size_t bytes;
    size_t limit;
    struct sf_write_buffer *first; /* of the buffers, in no order */
} sf_read_cache;

#endif
