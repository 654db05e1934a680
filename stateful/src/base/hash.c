#include "base/hash.h"

#include <xxhash.h>

uint64_t sf_hash(sf_bytes bytes)
{
    return XXH3_64bits(bytes.data, bytes.size);
}
