/* map.c - open addressing with linear probing; removal shifts what follows, so there are no graves. */
#include "base/map.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"

typedef struct slot {
    uint64_t hash;
    uint8_t *key; /* owned; NULL: empty */
    size_t key_size;
    void *value;
} slot;

struct sf_map {
    slot *slots;
    size_t capacity; /* a power of two */
    size_t count;
};

static slot *find(const sf_map *map, sf_bytes key, uint64_t hash)
{
    size_t at = hash & (map->capacity - 1);

    for (;; at = (at + 1) & (map->capacity - 1)) {
        slot *candidate = &map->slots[at];

        if (!candidate->key)
            return candidate;
        if (candidate->hash == hash &&
            sf_bytes_equal(sf_bytes_of(candidate->key, candidate->key_size), key))
            return candidate;
    }
}

static void grow(sf_map *map)
{
    slot *old = map->slots;
    size_t old_capacity = map->capacity;

    map->capacity *= 2;
    map->slots = sf_zalloc(map->capacity * sizeof(slot));
    for (size_t i = 0; i < old_capacity; i++)
        if (old[i].key)
            *find(map, sf_bytes_of(old[i].key, old[i].key_size), old[i].hash) = old[i];
    free(old);
}

sf_map *sf_map_new(void)
{
    sf_map *map = sf_zalloc(sizeof(*map));

    map->capacity = 16;
    map->slots = sf_zalloc(map->capacity * sizeof(slot));
    return map;
}

void sf_map_free(sf_map *map)
{
    if (!map)
        return;
    for (size_t i = 0; i < map->capacity; i++)
        free(map->slots[i].key);
    free(map->slots);
    free(map);
}

size_t sf_map_count(const sf_map *map)
{
    return map->count;
}

void *sf_map_get(const sf_map *map, sf_bytes key)
{
    return find(map, key, sf_hash(key))->value;
}

void *sf_map_put(sf_map *map, sf_bytes key, void *value)
{
    uint64_t hash = sf_hash(key);
    slot *place = find(map, key, hash);
    void *before = place->value;

    if (place->key) {
        place->value = value;
        return before;
    }
    *place = (slot){hash, sf_memory_copy(key.data, key.size), key.size, value};
    if (++map->count * 4 > map->capacity * 3)
        grow(map);
    return NULL;
}

void *sf_map_remove(sf_map *map, sf_bytes key)
{
    slot *place = find(map, key, sf_hash(key));
    size_t mask = map->capacity - 1;
    size_t hole = (size_t)(place - map->slots);
    void *value = place->value;

    if (!place->key)
        return NULL;
    free(place->key);
    map->count--;
    for (size_t at = (hole + 1) & mask; map->slots[at].key; at = (at + 1) & mask) {
        size_t home = map->slots[at].hash & mask;

        if (((at - home) & mask) >= ((at - hole) & mask)) {
            map->slots[hole] = map->slots[at];
            hole = at;
        }
    }
    map->slots[hole] = (slot){0};
    return value;
}

bool sf_map_next(const sf_map *map, size_t *position, sf_bytes *key, void **value)
{
    while (*position < map->capacity) {
        const slot *at = &map->slots[(*position)++];

        if (at->key) {
            *key = sf_bytes_of(at->key, at->key_size);
            *value = at->value;
            return true;
        }
    }
    return false;
}
