/* block.h - the records of one partition within one frame: how they are written and read back.
 *
 * A record is: varints of the offsets skipped before it, of its time against the block's first
 * (zigzag), of key size + 1 and value size + 1 (0: null), of the header count; its headers (size of
 * the name, name, NUL, value size + 1, value); key; value. Any thread, one at a time.
 */
#ifndef SF_JOURNAL_BLOCK_H
#define SF_JOURNAL_BLOCK_H

#include "base/buffer.h"
#include "record/record_batch.h"

enum {
    SF_BLOCK_HEADER_SIZE = 56,
};

/* What a frame says of a block. */
typedef struct sf_block {
    uint32_t topic; /* the catalog's number for it */
    int32_t partition;
    int64_t base_offset; /* where the partition stood before it */
    int64_t next_offset; /* where it stands after it, gaps included */
    int64_t base_timestamp;
    int64_t max_timestamp;
    uint32_t count;      /* records */
    uint32_t size_bytes; /* of the records */
} sf_block;

void sf_block_put(const sf_block *block, uint8_t *to);
sf_block sf_block_get(const uint8_t *from);

/* A block that grows. Zero is an empty one. */
typedef struct sf_block_draft {
    sf_buffer records;
    uint32_t count;
    int64_t base_timestamp;
    int64_t max_timestamp;
    int64_t span; /* offsets used so far, skipped ones included */
} sf_block_draft;

void sf_block_draft_done(sf_block_draft *draft);
void sf_block_draft_clear(sf_block_draft *draft); /* keeps memory, unless it is much */

/* Adds a copy of a record, skipping as many offsets before it; returns its offset against the
 * block's base. */
int64_t sf_block_draft_add(sf_block_draft *draft, const sf_record *record, uint32_t skipped);

/* At most as many bytes as the record takes in a block. */
size_t sf_record_size_bytes(const sf_record *record);

/* Reads a block's records in order; they point into its bytes. */
typedef struct sf_block_iterator {
    const uint8_t *at;
    const uint8_t *end;
    int64_t offset;      /* of the next record, if nothing is skipped */
    int64_t next_offset; /* behind the block; no record's is as high */
    int64_t base_timestamp;
    uint32_t left; /* records */
} sf_block_iterator;

sf_block_iterator sf_block_records(const sf_block *block, const uint8_t *records);

/* *record = the next one; its headers' array lies in *headers, made at the first need (the caller
 * frees it) . False when the bytes make no sense. Call it while left is above 0. */
bool sf_block_next(sf_block_iterator *iterator, sf_consumed_record *record, sf_arena **headers);

#endif
