/* cursors.h - how the readers of one consumer go through one log, which holds all partitions, without
 * each reading all of it. The consumer's thread.
 *
 * A cursor is a place in the log with followers: readers that have everything of theirs up to there.
 * It is moved when a follower lacks records, and gives every follower its blocks on the way. A
 * follower whose queue is full when the next block comes either stops the cursor (if the one that
 * lacked something has got it) or stays behind with a cursor of its own. A cursor that comes to the
 * place of another takes its followers along. So readers that keep up share one pass, and one that
 * lags or starts in the past costs a pass of its own only until it has caught up.
 */
#ifndef SF_JOURNAL_CURSORS_H
#define SF_JOURNAL_CURSORS_H

#include "journal/block_queue.h"
#include "journal/log_search.h"

enum { SF_CURSOR_BUCKETS = 256 };

typedef struct sf_cursor sf_cursor;

typedef struct sf_follower {
    sf_log_target target;
    int64_t wanted;          /* blocks that end at or below this offset are not for it (any more) */
    size_t queue_size_bytes; /* it is full from here on; a block may go beyond */
    sf_block_queue queue;
    bool is_announced; /* nothing came since the consumer's wait ended for its sake */
    sf_cursor *cursor;
    struct sf_follower *next_in_bucket;
} sf_follower;

typedef struct sf_cursors {
    sf_log_window window; /* one for all: a cursor that is moved reads on for a while */
    sf_cursor *first;
    sf_follower *buckets[SF_CURSOR_BUCKETS];
} sf_cursors;

void sf_cursors_init(sf_cursors *cursors, sf_log_storage *storage);

/* After all followers were removed. */
void sf_cursors_done(sf_cursors *cursors);

/* Lets it follow from place on; target, wanted and queue_size_bytes are set. It is borrowed until it
 * is removed; its queue stays the caller's. */
void sf_cursors_add(sf_cursors *cursors, sf_follower *follower, sf_log_place place);
void sf_cursors_remove(sf_cursors *cursors, sf_follower *follower);

/* Where the follower's cursor is. */
int64_t sf_follower_log_position(const sf_follower *follower);

/* Moves the cursor of a follower that lacks records by some 256 kB or up to log_end, the end of what
 * is known to be whole. */
sf_status sf_cursors_advance(sf_cursors *cursors, sf_follower *lacking, int64_t log_end,
                             sf_error *err);

#endif
