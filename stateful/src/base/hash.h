/* hash.h - a fast hash for tables in memory (XXH3); never written to disk or wire. Any thread. */
#ifndef SF_BASE_HASH_H
#define SF_BASE_HASH_H

#include <stateful/bytes.h>

uint64_t sf_hash(sf_bytes bytes);

#endif
