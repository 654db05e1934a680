/* key_offsets.h - where the newest record of each key stands, for the cleaner. Keys are kept as 128-bit
 * hashes, 32 bytes each. One thread. */
#ifndef SF_JOURNAL_KEY_OFFSETS_H
#define SF_JOURNAL_KEY_OFFSETS_H

#include "journal/log_search.h"

typedef struct sf_key_offsets sf_key_offsets;

sf_key_offsets *sf_key_offsets_new(void);
void sf_key_offsets_free(sf_key_offsets *offsets);

size_t sf_key_offsets_size_bytes(const sf_key_offsets *offsets);

/* The offsets of a key only grow. */
void sf_key_offsets_put(sf_key_offsets *offsets, sf_log_target target, sf_bytes key,
                        int64_t offset);

/* The newest put, SF_OFFSET_NONE if there is none. */
int64_t sf_key_offsets_get(const sf_key_offsets *offsets, sf_log_target target, sf_bytes key);

#endif
