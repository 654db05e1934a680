/* fingerprint.h - a hash of names that may be written down: the same in every version and on every
 * machine (FNV-1a, 64 bits). */
#ifndef SF_TOPOLOGY_FINGERPRINT_H
#define SF_TOPOLOGY_FINGERPRINT_H

#include <stdint.h>

typedef uint64_t sf_fingerprint;

#define SF_FINGERPRINT_EMPTY ((sf_fingerprint)0xcbf29ce484222325u)

/* Adds a name and its NUL, so that ("ab", "c") differs from ("a", "bc"). */
static inline void sf_fingerprint_add(sf_fingerprint *fingerprint, const char *name)
{
    do
        *fingerprint = (*fingerprint ^ (uint8_t)*name) * 0x100000001b3u;
    while (*name++);
}

#endif
