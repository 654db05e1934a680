/* expiry.h - which rows of a store are gone for good, for the database's compaction.
 *
 * The committed stream time of each partition, published after the batch that holds it: an abort
 * must not find a row gone that lives again. Atomics only. Any thread.
 */
#ifndef SF_STORE_EXPIRY_H
#define SF_STORE_EXPIRY_H

#include <stateful/bytes.h>

#include "store/retention.h"

typedef struct sf_expiry sf_expiry;

/* Where a key (without its partition) has the row's time, 8 bytes big-endian: that many bytes behind
 * its begin, or if negative, before its end. */
typedef struct sf_expiry_options {
    sf_retention retention;
    int time_at;      /* in the keys of the store's own family */
    int side_time_at; /* in those of its side family */
} sf_expiry_options;

sf_expiry *sf_expiry_new(const sf_expiry_options *options);
void sf_expiry_free(sf_expiry *expiry);

/* The time, -1: none yet. */
int64_t sf_expiry_time(const sf_expiry *expiry, int32_t partition);
void sf_expiry_set_time(sf_expiry *expiry, int32_t partition, int64_t stream_time_ms);

/* As in retention.h, for that time. */
int64_t sf_expiry_first_shown(const sf_expiry *expiry, int32_t partition);
int64_t sf_expiry_first_kept(const sf_expiry *expiry, int32_t partition);

/* These are sf_state_expired_fn, for the two families; user is the expiry. */
bool sf_expiry_has_expired(void *expiry, sf_bytes full_key);
bool sf_expiry_side_has_expired(void *expiry, sf_bytes full_key);

#endif
