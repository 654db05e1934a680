/* buffer_pool.c - the memory of write buffers: what is counted for whom, and what has to go. */
#include <assert.h>

#include "store/write_buffer_implementation.h"

enum {
    SLOTS_A_VICTIM = 256,  /* that the evicting hand may pass for one entry that is to go */
    VICTIMS_IN_A_ROW = 64, /* of one buffer, before the largest one is looked for again */
    PART_FREED = 64,       /* a full cache loses this part of itself at once */
};

/* ---- counting ---- */

void sf_write_buffer_count(sf_write_buffer *buffer, sf_buffer_entry *entry)
{
    entry->counted = sf_buffer_entry_memory(entry);
    if (entry->state == SF_ENTRY_CLEAN) {
        buffer->clean_bytes += entry->counted;
        buffer->pool->cache->bytes += entry->counted;
    } else {
        buffer->pool->dirty_bytes += entry->counted;
    }
}

static void uncount(sf_write_buffer *buffer, const sf_buffer_entry *entry)
{
    if (entry->state == SF_ENTRY_CLEAN) {
        buffer->clean_bytes -= entry->counted;
        buffer->pool->cache->bytes -= entry->counted;
    } else {
        buffer->pool->dirty_bytes -= entry->counted;
    }
}

void sf_write_buffer_count_again(sf_write_buffer *buffer, sf_buffer_entry *entry)
{
    uncount(buffer, entry);
    sf_write_buffer_count(buffer, entry);
}

void sf_write_buffer_set_state(sf_write_buffer *buffer, sf_buffer_entry *entry,
                               sf_entry_state state)
{
    bool was_clean = entry->state == SF_ENTRY_CLEAN;
    bool is_clean = state == SF_ENTRY_CLEAN;

    uncount(buffer, entry);
    entry->state = (uint8_t)state;
    sf_write_buffer_count(buffer, entry);
    if (buffer->is_ordered && was_clean && !is_clean)
        sf_entry_index_add(&buffer->index, entry);
    else if (buffer->is_ordered && !was_clean && is_clean)
        sf_entry_index_remove(&buffer->index, entry);
}

void sf_write_buffer_drop(sf_write_buffer *buffer, sf_buffer_entry *entry)
{
    if (entry->state != SF_ENTRY_CLEAN)
        sf_write_buffer_set_state(buffer, entry, SF_ENTRY_CLEAN);
    uncount(buffer, entry);
    sf_entry_table_remove(&buffer->table, entry);
    sf_buffer_entry_free(entry);
}

/* ---- evicting ---- */

static bool evict_one(sf_write_buffer *buffer)
{
    sf_buffer_entry *victim = sf_entry_table_choose(&buffer->table, SLOTS_A_VICTIM);

    if (victim)
        sf_write_buffer_drop(buffer, victim);
    return victim;
}

static sf_write_buffer *largest_in(const sf_read_cache *cache)
{
    sf_write_buffer *largest = cache->first;

    for (sf_write_buffer *buffer = cache->first; buffer; buffer = buffer->next_in_cache)
        if (buffer->clean_bytes > largest->clean_bytes)
            largest = buffer;
    return largest;
}

/* Some more than is too much goes, so that looking for the largest buffer is rare. */
static void evict(sf_read_cache *cache)
{
    size_t enough = cache->limit - cache->limit / PART_FREED;
    bool goes_on = cache->first;

    while (goes_on && cache->bytes > enough) {
        sf_write_buffer *largest = largest_in(cache);

        for (int i = 0; goes_on && cache->bytes > enough && i < VICTIMS_IN_A_ROW; i++)
            goes_on = evict_one(largest);
    }
}

void sf_write_buffer_evict_excess(sf_write_buffer *buffer)
{
    const sf_read_cache *cache = buffer->pool->cache;

    while (cache->bytes / 2 > cache->limit && evict_one(buffer))
        ;
}

/* ---- the filter ---- */

static int64_t window_start(const sf_write_buffer *buffer, sf_bytes key)
{
    int at = buffer->filter_time_at;

    return (int64_t)sf_get_be64(at >= 0 ? key.data + at : key.data + key.size + at);
}

static void count_filter(sf_write_buffer *buffer)
{
    size_t bytes = sf_window_filter_memory(&buffer->filter);

    buffer->pool->cache->bytes += bytes - buffer->filter_bytes;
    buffer->filter_bytes = bytes;
}

void sf_write_buffer_begin_filter(sf_write_buffer *buffer, int time_at, int64_t newest_ms)
{
    buffer->filter_time_at = time_at;
    sf_window_filter_begin(&buffer->filter, newest_ms);
    count_filter(buffer);
}

void sf_write_buffer_end_filter(sf_write_buffer *buffer)
{
    sf_window_filter_end(&buffer->filter);
    count_filter(buffer);
}

bool sf_write_buffer_has_filter(const sf_write_buffer *buffer)
{
    return sf_window_filter_has_begun(&buffer->filter);
}

void sf_write_buffer_tell_filter(sf_write_buffer *buffer, sf_bytes key, uint64_t hash)
{
    if (!sf_write_buffer_has_filter(buffer))
        return;
    sf_window_filter_tell(&buffer->filter, window_start(buffer, key), hash);
    count_filter(buffer);
}

bool sf_write_buffer_is_absent(const sf_write_buffer *buffer, sf_bytes key, uint64_t hash)
{
    return sf_write_buffer_has_filter(buffer) &&
           sf_window_filter_is_absent(&buffer->filter, window_start(buffer, key), hash);
}

/* ---- the pool ---- */

void sf_buffer_pool_init(sf_buffer_pool *pool, size_t cache_bytes)
{
    *pool = (sf_buffer_pool){.savepoint = 1, .own_cache.limit = cache_bytes};
    pool->cache = &pool->own_cache;
}

void sf_buffer_pool_join(sf_buffer_pool *pool, sf_read_cache *cache)
{
    sf_write_buffer *buffer;

    assert(pool->cache == &pool->own_cache);
    while ((buffer = pool->own_cache.first)) {
        pool->own_cache.first = buffer->next_in_cache;
        buffer->next_in_cache = cache->first;
        cache->first = buffer;
        cache->bytes += buffer->clean_bytes + buffer->filter_bytes;
    }
    pool->own_cache.bytes = 0;
    pool->cache = cache;
}

void sf_buffer_pool_mark(sf_buffer_pool *pool)
{
    pool->savepoint++;
    if (pool->cache->bytes > pool->cache->limit)
        evict(pool->cache);
}
