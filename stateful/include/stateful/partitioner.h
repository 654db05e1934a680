/* partitioner.h - where a key belongs: the same everywhere, so that records with one key meet. */
#ifndef STATEFUL_PARTITIONER_H
#define STATEFUL_PARTITIONER_H

#include <stdint.h>

#include <stateful/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The partition that Kafka's Java client gives this key (murmur2; KIP-480 leaves keyed records as
 * they were). The key is not null, partitions above 0. Any thread. */
int32_t sf_partition_of_key(sf_bytes key, int32_t partitions);

#ifdef __cplusplus
}
#endif

#endif
