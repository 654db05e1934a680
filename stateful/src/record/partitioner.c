/* partitioner.c - which partition a key belongs to: Kafka's 32-bit murmur2 with seed 0x9747b28c, its
 * sign bit cleared, modulo the partition count. Records with one key must meet, whoever wrote them. */
#include <stateful/partitioner.h>

#include <string.h>

static uint32_t murmur2(sf_bytes key)
{
    const uint32_t mix = 0x5bd1e995;
    uint32_t hash = 0x9747b28c ^ (uint32_t)key.size;
    const uint8_t *at = key.data;
    size_t left = key.size;

    for (; left >= 4; left -= 4, at += 4) {
        uint32_t word;

        memcpy(&word, at, 4);
        word *= mix;
        word ^= word >> 24;
        word *= mix;
        hash = hash * mix ^ word;
    }
    if (left) {
        uint32_t tail = 0;

        memcpy(&tail, at, left);
        hash = (hash ^ tail) * mix;
    }
    hash ^= hash >> 13;
    hash *= mix;
    return hash ^ hash >> 15;
}

int32_t sf_partition_of_key(sf_bytes key, int32_t partitions)
{
    return (int32_t)(murmur2(key) & 0x7fffffff) % partitions;
}
