/* expiry.h - which windows of a window store are gone for good, for the database's compaction.
 *
 * The committed stream time of each partition, published after the batch that holds it: an abort
 * must not find a window gone that lives again. Atomics only. Any thread.
 */
#ifndef SF_STORE_EXPIRY_H
#define SF_STORE_EXPIRY_H

#include <stateful/bytes.h>

typedef struct sf_expiry sf_expiry;

/* retention_ms 0: windows never go. */
sf_expiry *sf_expiry_new(bool by_time, int64_t retention_ms);
void sf_expiry_free(sf_expiry *expiry);

/* The time, -1: none yet. */
int64_t sf_expiry_time(const sf_expiry *expiry, int32_t partition);
void sf_expiry_set_time(sf_expiry *expiry, int32_t partition, int64_t stream_time_ms);

/* The first window start that is still there at a stream time. */
int64_t sf_expiry_first_start(int64_t retention_ms, int64_t stream_time_ms);

/* A sf_state_expired_fn; user is the expiry. */
bool sf_expiry_has_expired(void *expiry, sf_bytes full_key);

#endif
