/* block_queue.h - the blocks of one partition that were read but not handed out, and how records
 * come out of them as batches.
 *
 * Blocks are copied into pages of 64 kB, which queue and batches share by counting: what is queued
 * is what is held. Queue and pool: one thread. Releasing a batch: any thread.
 */
#ifndef SF_JOURNAL_BLOCK_QUEUE_H
#define SF_JOURNAL_BLOCK_QUEUE_H

#include <stateful/error.h>

#include "journal/block.h"

typedef struct sf_block_page sf_block_page;
typedef struct sf_batch_pool sf_batch_pool;

typedef struct sf_queued_block {
    sf_block block;
    sf_block_page *page;
    const uint8_t *records;
} sf_queued_block;

typedef struct sf_block_queue {
    sf_queued_block *blocks; /* a ring */
    size_t capacity;
    size_t head;
    size_t count;
    size_t size_bytes;
    sf_block_iterator current; /* in the first block, if it was begun */
    bool is_begun;
    sf_block_page *page; /* the one being filled; NULL: none */
} sf_block_queue;

/* Zero is an empty queue. */
void sf_block_queue_clear(sf_block_queue *queue);
void sf_block_queue_done(sf_block_queue *queue);

/* Adds a copy. */
void sf_block_queue_push(sf_block_queue *queue, const sf_block *block, const uint8_t *records);

/* Keeps used batches for the next ones; lives until the last is released. */
sf_batch_pool *sf_batch_pool_new(void);
void sf_batch_pool_close(sf_batch_pool *pool);

/* Takes up to max records from *position on into a batch and moves *position behind them and the
 * gaps that follow in these blocks. NULL if there is none. Code SF_CORRUPT for bytes that make no
 * sense. */
sf_status sf_block_queue_take(sf_block_queue *queue, sf_batch_pool *pool, size_t max,
                              int64_t *position, sf_record_batch **batch, sf_error *err);

#endif
