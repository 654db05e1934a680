#include "runtime/memory_shares.h"

/* Below the first each fetch brings less than one batch. Beyond the second a queue lasts longer than a
 * fetch takes at any speed that was seen. */
#define LEAST_QUEUE_BYTES ((size_t)64 * 1024)
#define MOST_QUEUE_BYTES ((size_t)4 * 1024 * 1024)

static size_t each(size_t bytes, size_t count)
{
    return bytes / (count ? count : 1);
}

sf_memory_shares sf_memory_shares_of(size_t memory_max_bytes, sf_memory_owned owned)
{
    size_t sixteenth = memory_max_bytes / 16;
    sf_memory_shares shares = {
        .block_cache_bytes = 2 * sixteenth,
        .memtable_bytes = 2 * sixteenth,
        .dirty_bytes = each(3 * sixteenth / 2, owned.threads),
        .cache_bytes = each(4 * sixteenth, owned.threads),
        .queue_bytes = each(4 * sixteenth, owned.inputs),
        .sender_bytes = each(sixteenth, owned.threads),
    };

    if (shares.queue_bytes < LEAST_QUEUE_BYTES)
        shares.queue_bytes = LEAST_QUEUE_BYTES;
    if (shares.queue_bytes > MOST_QUEUE_BYTES)
        shares.queue_bytes = MOST_QUEUE_BYTES;
    return shares;
}
