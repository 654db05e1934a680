/* random.h - seeded random numbers (splitmix64, Steele et al. 2014): the same seed, the same run.
 * One thread. */
#ifndef SF_BASE_RANDOM_H
#define SF_BASE_RANDOM_H

#include <stdint.h>

typedef struct sf_random {
    uint64_t state;
} sf_random;

void sf_random_init(sf_random *random, uint64_t seed);

/* A seed from the system, for ids that must not repeat. Any thread. */
uint64_t sf_random_seed_from_system(void);

uint64_t sf_random_next(sf_random *random);

/* 0 ... bound - 1; bound above 0. */
uint64_t sf_random_below(sf_random *random, uint64_t bound);

#endif
