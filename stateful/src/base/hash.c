#include "base/hash.h"

#include <string.h>
#include <xxhash.h>

uint64_t sf_hash(sf_bytes bytes)
{
    return XXH3_64bits(bytes.data, bytes.size);
}

void sf_long_hash(sf_bytes bytes, uint8_t hash[SF_LONG_HASH_SIZE])
{
    XXH128_canonical_t written;

    XXH128_canonicalFromHash(&written, XXH3_128bits(bytes.data, bytes.size));
    memcpy(hash, written.digest, SF_LONG_HASH_SIZE);
}
