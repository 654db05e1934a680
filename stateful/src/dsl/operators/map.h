/* map.h - one record for each: a new key, a new value or both. */
#ifndef SF_DSL_OPERATORS_MAP_H
#define SF_DSL_OPERATORS_MAP_H

#include <stateful/functions.h>

typedef struct sf_map_step {
    sf_map_fn map;
    void *user;
} sf_map_step;

sf_processor sf_map_processor(sf_map_step *step); /* borrowed, here and below */
sf_processor sf_map_key_processor(sf_map_step *step);
sf_processor sf_map_value_processor(sf_map_step *step);

#endif
