#include "store/window_filter.h"

#include <stdlib.h>

#include "base/memory.h"

/* A key's bits lie in one block, which is one line of the processor's cache. */
enum {
    WORD_BITS = 64,
    BLOCK_WORDS = 8,
    BLOCK_BITS = BLOCK_WORDS * WORD_BITS,
    BITS_A_KEY = 12,
    PROBES = 6,
    PROBE_BITS = 9,     /* so many tell a bit of a block */
    FIRST_BLOCKS = 256, /* 16 KB, 10,900 keys */
    MOST_BLOCKS = 8192, /* 512 KB, 349,500 keys */
};

static void generation_begin(sf_window_generation *generation, size_t blocks, int64_t after_ms)
{
    *generation = (sf_window_generation){
        .bits = sf_zalloc(blocks * BLOCK_WORDS * sizeof(uint64_t)),
        .blocks = blocks,
        .after_ms = after_ms,
    };
}

static void generation_end(sf_window_generation *generation)
{
    free(generation->bits);
    *generation = (sf_window_generation){0};
}

static uint64_t *block_of(const sf_window_generation *generation, uint64_t hash)
{
    return generation->bits + (((hash >> 32) * generation->blocks) >> 32) * BLOCK_WORDS;
}

/* The places of the bits come from other digits than the block. */
static uint64_t places_of(uint64_t hash)
{
    return (hash & UINT32_MAX) * 0x9e3779b97f4a7c15u;
}

static void set_bits(sf_window_generation *generation, uint64_t hash)
{
    uint64_t *block = block_of(generation, hash);
    uint64_t places = places_of(hash);

    for (int i = 0; i < PROBES; i++, places >>= PROBE_BITS)
        block[places % BLOCK_BITS / WORD_BITS] |= UINT64_C(1) << (places % WORD_BITS);
    generation->keys++;
}

static bool has_bits(const sf_window_generation *generation, uint64_t hash)
{
    const uint64_t *block = block_of(generation, hash);
    uint64_t places = places_of(hash);

    for (int i = 0; i < PROBES; i++, places >>= PROBE_BITS)
        if (!(block[places % BLOCK_BITS / WORD_BITS] >> (places % WORD_BITS) & 1))
            return false;
    return true;
}

/* The generation that knows of the window, or NULL. */
static const sf_window_generation *generation_of(const sf_window_filter *filter, int64_t start_ms)
{
    if (filter->young.bits && start_ms > filter->young.after_ms)
        return &filter->young;
    return filter->old.bits && start_ms > filter->old.after_ms ? &filter->old : NULL;
}

static bool is_full(const sf_window_generation *generation)
{
    return generation->keys * BITS_A_KEY >= generation->blocks * BLOCK_BITS;
}

/* A window that alone fills a generation leaves nothing to be known of the next ones but by a new one. */
static void turn(sf_window_filter *filter)
{
    size_t blocks = filter->young.blocks;

    generation_end(&filter->old);
    filter->old = filter->young;
    generation_begin(&filter->young, blocks < MOST_BLOCKS ? 2 * blocks : MOST_BLOCKS,
                     filter->newest_ms);
}

void sf_window_filter_begin(sf_window_filter *filter, int64_t newest_ms)
{
    sf_window_filter_end(filter);
    generation_begin(&filter->young, FIRST_BLOCKS, newest_ms);
    filter->newest_ms = newest_ms;
}

void sf_window_filter_end(sf_window_filter *filter)
{
    generation_end(&filter->young);
    generation_end(&filter->old);
}

void sf_window_filter_tell(sf_window_filter *filter, int64_t start_ms, uint64_t hash)
{
    sf_window_generation *generation;

    if (start_ms > filter->newest_ms)
        filter->newest_ms = start_ms;
    generation = (sf_window_generation *)generation_of(filter, start_ms);
    if (generation)
        set_bits(generation, hash);
    if (is_full(&filter->young))
        turn(filter);
}

bool sf_window_filter_is_absent(const sf_window_filter *filter, int64_t start_ms, uint64_t hash)
{
    const sf_window_generation *generation = generation_of(filter, start_ms);

    return generation && !has_bits(generation, hash);
}

size_t sf_window_filter_memory(const sf_window_filter *filter)
{
    return (filter->young.blocks + filter->old.blocks) * BLOCK_WORDS * sizeof(uint64_t);
}
