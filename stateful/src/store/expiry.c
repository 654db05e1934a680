#include "store/expiry.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "store/window_key.h"

#define PARTITION_SIZE 4
#define CHUNK 256
#define CHUNKS 1024 /* of the partitions beyond, windows are filtered on reading only */

typedef struct time_chunk {
    _Atomic int64_t times[CHUNK];
} time_chunk;

struct sf_expiry {
    bool by_time;
    int64_t retention_ms;
    _Atomic(time_chunk *) chunks[CHUNKS];
};

sf_expiry *sf_expiry_new(bool by_time, int64_t retention_ms)
{
    sf_expiry *expiry = sf_zalloc(sizeof(*expiry));

    expiry->by_time = by_time;
    expiry->retention_ms = retention_ms;
    return expiry;
}

void sf_expiry_free(sf_expiry *expiry)
{
    if (!expiry)
        return;
    for (size_t i = 0; i < CHUNKS; i++)
        free(atomic_load(&expiry->chunks[i]));
    free(expiry);
}

int64_t sf_expiry_time(const sf_expiry *expiry, int32_t partition)
{
    size_t at = (size_t)partition / CHUNK;
    time_chunk *chunk = NULL;

    if (at < CHUNKS)
        chunk = atomic_load_explicit(&((sf_expiry *)expiry)->chunks[at], memory_order_acquire);
    return chunk ? atomic_load(&chunk->times[partition % CHUNK]) : -1;
}

static time_chunk *chunk_at(sf_expiry *expiry, size_t at)
{
    time_chunk *chunk = atomic_load(&expiry->chunks[at]);
    time_chunk *made;

    if (chunk)
        return chunk;
    made = sf_alloc(sizeof(*made));
    for (size_t i = 0; i < CHUNK; i++)
        atomic_init(&made->times[i], -1);
    if (atomic_compare_exchange_strong(&expiry->chunks[at], &chunk, made))
        return made;
    free(made); /* another thread was first */
    return chunk;
}

void sf_expiry_set_time(sf_expiry *expiry, int32_t partition, int64_t stream_time_ms)
{
    size_t at = (size_t)partition / CHUNK;

    if (at < CHUNKS)
        atomic_store(&chunk_at(expiry, at)->times[partition % CHUNK], stream_time_ms);
}

int64_t sf_expiry_first_start(int64_t retention_ms, int64_t stream_time_ms)
{
    if (retention_ms == 0 || stream_time_ms < retention_ms)
        return 0;
    return stream_time_ms - retention_ms + 1;
}

bool sf_expiry_has_expired(void *user, sf_bytes full_key)
{
    const sf_expiry *expiry = user;
    sf_window_key window;
    sf_bytes key;
    int32_t partition;

    if (full_key.size < PARTITION_SIZE)
        return false;
    partition = (int32_t)sf_get_be32(full_key.data);
    key = sf_bytes_of(full_key.data + PARTITION_SIZE, full_key.size - PARTITION_SIZE);
    if (!sf_window_key_decode(expiry->by_time, key, &window))
        return false;
    return window.start_ms <
           sf_expiry_first_start(expiry->retention_ms, sf_expiry_time(expiry, partition));
}
