#include "journal/key_offsets.h"

#include <stdlib.h>
#include <string.h>

#include <stateful/broker.h>

#include "base/hash.h"
#include "base/memory.h"

typedef struct entry {
    uint64_t hash[2];
    uint32_t topic;
    int32_t partition;
    int64_t offset_and_one; /* 0: the place is free */
} entry;

struct sf_key_offsets {
    entry *entries;
    size_t capacity;
    size_t count;
};

size_t sf_key_offsets_keys_in(size_t bytes)
{
    return bytes / sizeof(entry) / 4 * 3;
}

/* No more than three quarters of the places are ever taken. */
static size_t capacity_for(size_t keys)
{
    return keys / 3 * 4 + 4;
}

sf_key_offsets *sf_key_offsets_new(size_t keys)
{
    sf_key_offsets *offsets = sf_zalloc(sizeof(*offsets));

    offsets->capacity = capacity_for(keys);
    offsets->entries = sf_zalloc(offsets->capacity * sizeof(*offsets->entries));
    return offsets;
}

void sf_key_offsets_free(sf_key_offsets *offsets)
{
    if (!offsets)
        return;
    free(offsets->entries);
    free(offsets);
}

static entry entry_of(sf_log_target target, sf_bytes key)
{
    entry wanted = {.topic = target.topic, .partition = target.partition};

    _Static_assert(sizeof(wanted.hash) == SF_LONG_HASH_SIZE, "a long hash fits");
    sf_long_hash(key, (uint8_t *)wanted.hash);
    return wanted;
}

static bool is_same(const entry *a, const entry *b)
{
    return a->hash[0] == b->hash[0] && a->hash[1] == b->hash[1] && a->topic == b->topic &&
           a->partition == b->partition;
}

/* Where the entry is or would be. */
static entry *place_of(const sf_key_offsets *offsets, const entry *wanted)
{
    uint64_t hash = wanted->hash[0] ^ (wanted->topic * 31u + (uint32_t)wanted->partition);
    size_t at = (size_t)(hash % offsets->capacity);

    while (offsets->entries[at].offset_and_one && !is_same(&offsets->entries[at], wanted))
        at = at + 1 < offsets->capacity ? at + 1 : 0;
    return &offsets->entries[at];
}

void sf_key_offsets_grow(sf_key_offsets *offsets)
{
    entry *old = offsets->entries;
    size_t old_capacity = offsets->capacity;

    offsets->capacity *= 2;
    offsets->entries = sf_zalloc(offsets->capacity * sizeof(*offsets->entries));
    for (size_t i = 0; i < old_capacity; i++)
        if (old[i].offset_and_one)
            *place_of(offsets, &old[i]) = old[i];
    free(old);
}

static bool is_full(const sf_key_offsets *offsets)
{
    return offsets->count >= offsets->capacity / 4 * 3;
}

bool sf_key_offsets_put(sf_key_offsets *offsets, sf_log_target target, sf_bytes key, int64_t offset)
{
    entry wanted = entry_of(target, key);
    entry *place = place_of(offsets, &wanted);

    if (!place->offset_and_one && is_full(offsets))
        return false;
    offsets->count += !place->offset_and_one;
    wanted.offset_and_one = offset + 1;
    *place = wanted;
    return true;
}

int64_t sf_key_offsets_get(const sf_key_offsets *offsets, sf_log_target target, sf_bytes key)
{
    entry wanted = entry_of(target, key);

    return place_of(offsets, &wanted)->offset_and_one - 1;
}
