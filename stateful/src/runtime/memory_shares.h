/* memory_shares.h - how memory_max_bytes is shared out: a pure function of the number and of what is
 * owned. Any thread.
 *
 * In sixteenths:
 *   4 records read ahead by the consumers   4 clean entries of the write buffers (read cache)
 *   1.5 changes not yet committed           1.5 the same changes in the batch of the commit
 *   2 database blocks    2 memtables        1 records that the producers have not delivered
 *
 * Outside are the libraries themselves, stacks, and what malloc keeps: about 30 MB.
 */
#ifndef SF_RUNTIME_MEMORY_SHARES_H
#define SF_RUNTIME_MEMORY_SHARES_H

#include <stddef.h>

typedef struct sf_memory_owned {
    size_t threads;
    size_t inputs; /* partitions read */
} sf_memory_owned;

typedef struct sf_memory_shares {
    size_t block_cache_bytes; /* of the process */
    size_t memtable_bytes;    /* of the process */
    size_t dirty_bytes;       /* of a thread */
    size_t cache_bytes;       /* of a thread */
    size_t queue_bytes;       /* of an input partition */
    size_t sender_bytes;      /* of a thread */
} sf_memory_shares;

/* Zeros in owned count as 1. */
sf_memory_shares sf_memory_shares_of(size_t memory_max_bytes, sf_memory_owned owned);

#endif
