/* flat_map.h - any number of records for each. */
#ifndef SF_DSL_OPERATORS_FLAT_MAP_H
#define SF_DSL_OPERATORS_FLAT_MAP_H

#include <stateful/functions.h>

typedef struct sf_flat_map_step {
    sf_flat_map_fn flat_map;
    void *user;
} sf_flat_map_step;

sf_processor sf_flat_map_processor(sf_flat_map_step *step); /* borrowed */

#endif
