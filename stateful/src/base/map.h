/* map.h - a hash map from bytes to a pointer, for look-ups off the hot path. Keys are copied, values
 * are borrowed. One thread. */
#ifndef SF_BASE_MAP_H
#define SF_BASE_MAP_H

#include <stateful/bytes.h>

typedef struct sf_map sf_map;

sf_map *sf_map_new(void);
void sf_map_free(sf_map *map);

size_t sf_map_count(const sf_map *map);

/* NULL if the key is not there. */
void *sf_map_get(const sf_map *map, sf_bytes key);

/* Returns the value that was there before, or NULL. value must not be NULL. */
void *sf_map_put(sf_map *map, sf_bytes key, void *value);

/* Returns the value that was there, or NULL. */
void *sf_map_remove(sf_map *map, sf_bytes key);

/* Visits all pairs in no order: start with *position = 0, ends with false. No changes meanwhile. */
bool sf_map_next(const sf_map *map, size_t *position, sf_bytes *key, void **value);

#endif
