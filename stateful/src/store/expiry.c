#include "store/expiry.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/encoding.h"
#include "base/memory.h"

#define PARTITION_SIZE 4
#define TIME_SIZE 8
#define CHUNK 256
#define CHUNKS 1024 /* of the partitions beyond, rows are filtered on reading only */

typedef struct time_chunk {
    _Atomic int64_t times[CHUNK];
} time_chunk;

struct sf_expiry {
    sf_expiry_options options;
    _Atomic(time_chunk *) chunks[CHUNKS];
};

sf_expiry *sf_expiry_new(const sf_expiry_options *options)
{
    sf_expiry *expiry = sf_zalloc(sizeof(*expiry));

    expiry->options = *options;
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

int64_t sf_expiry_first_shown(const sf_expiry *expiry, int32_t partition)
{
    return sf_retention_first_shown(&expiry->options.retention, sf_expiry_time(expiry, partition));
}

int64_t sf_expiry_first_kept(const sf_expiry *expiry, int32_t partition)
{
    return sf_retention_first_kept(&expiry->options.retention, sf_expiry_time(expiry, partition));
}

static bool has_expired(const sf_expiry *expiry, sf_bytes full_key, int time_at)
{
    size_t behind = time_at >= 0 ? (size_t)time_at + TIME_SIZE : (size_t)-time_at;
    size_t at;

    if (full_key.size < PARTITION_SIZE + behind)
        return false;
    at = time_at >= 0 ? PARTITION_SIZE + (size_t)time_at : full_key.size - behind;
    return (int64_t)sf_get_be64(full_key.data + at) <
           sf_expiry_first_kept(expiry, (int32_t)sf_get_be32(full_key.data));
}

bool sf_expiry_has_expired(void *user, sf_bytes full_key)
{
    const sf_expiry *expiry = user;

    return has_expired(expiry, full_key, expiry->options.time_at);
}

bool sf_expiry_side_has_expired(void *user, sf_bytes full_key)
{
    const sf_expiry *expiry = user;

    return has_expired(expiry, full_key, expiry->options.side_time_at);
}
