/* hash.h - fast hashes (XXH3). Any thread. */
#ifndef SF_BASE_HASH_H
#define SF_BASE_HASH_H

#include <stateful/bytes.h>

/* For tables in memory; never written to disk or wire. */
uint64_t sf_hash(sf_bytes bytes);

#define SF_LONG_HASH_SIZE 16

/* So long that two different values will not have the same; the bytes may be written down. */
void sf_long_hash(sf_bytes bytes, uint8_t hash[SF_LONG_HASH_SIZE]);

#endif
