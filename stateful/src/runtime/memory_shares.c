#include "runtime/memory_shares.h"

enum {
    LEAST_QUEUE_BYTES = 64 * 1024, /* below this each fetch brings less than one batch */
};

static size_t each(size_t bytes, size_t count)
{
    return bytes / (count ? count : 1);
}

sf_memory_shares sf_memory_shares_of(size_t memory_max_bytes, sf_memory_owned owned)
{
    size_t eighth = memory_max_bytes / 8;
    sf_memory_shares shares = {
        .block_cache_bytes = eighth,
        .memtable_bytes = eighth,
        .dirty_bytes = each(eighth, owned.threads),
        .cache_bytes = each(eighth, owned.tasks),
        .queue_bytes = each(2 * eighth, owned.inputs),
    };

    if (shares.queue_bytes < LEAST_QUEUE_BYTES)
        shares.queue_bytes = LEAST_QUEUE_BYTES;
    return shares;
}
