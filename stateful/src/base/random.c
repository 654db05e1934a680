#include "base/random.h"

#include <sys/random.h>
#include <time.h>
#include <unistd.h>

void sf_random_init(sf_random *random, uint64_t seed)
{
    random->state = seed;
}

uint64_t sf_random_seed_from_system(void)
{
    uint64_t seed;

    if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
        seed = (uint64_t)time(NULL) * 0x9e3779b97f4a7c15u ^ (uint64_t)getpid();
    return seed;
}

uint64_t sf_random_next(sf_random *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t sf_random_below(sf_random *random, uint64_t bound)
{
    return (uint64_t)(((unsigned __int128)sf_random_next(random) * bound) >> 64);
}
