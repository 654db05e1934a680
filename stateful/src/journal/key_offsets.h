/* key_offsets.h - where the newest record of each key stands, for the cleaner: 128-bit hashes of keys, in a table
 * that never grows by itself. One thread. */
#ifndef SF_JOURNAL_KEY_OFFSETS_H
#define SF_JOURNAL_KEY_OFFSETS_H

#include <stdbool.h>

#include "journal/log_search.h"

typedef struct sf_key_offsets sf_key_offsets;

/* How many keys a table of so many bytes has room for. */
size_t sf_key_offsets_keys_in(size_t bytes);

/* With room for so many keys. */
sf_key_offsets *sf_key_offsets_new(size_t keys);
void sf_key_offsets_free(sf_key_offsets *offsets); /* NULL is fine */

/* False: it is full, and stays as it is. The offsets of a key only grow. */
bool sf_key_offsets_put(sf_key_offsets *offsets, sf_log_target target, sf_bytes key,
                        int64_t offset);

/* Room for twice as many, for once that much memory more. */
void sf_key_offsets_grow(sf_key_offsets *offsets);

/* The newest put, SF_OFFSET_NONE if there is none. */
int64_t sf_key_offsets_get(const sf_key_offsets *offsets, sf_log_target target, sf_bytes key);

#endif
