/* log_end.h - where a log ends: reads on to the last whole frame, keeps the catalog up with it, and
 * judges what stands behind. The rules are told in shared_log.c, which guards it by its locks.
 */
#ifndef SF_JOURNAL_LOG_END_H
#define SF_JOURNAL_LOG_END_H

#include "journal/catalog.h"
#include "journal/log_window.h"

typedef struct sf_log_end {
    sf_log_storage *storage; /* borrowed */
    sf_catalog *catalog;
    bool catalog_is_filled;  /* by a snapshot; later ones say nothing new */
    sf_log_window window;    /* to read on */
    sf_log_segment *segment; /* the last one */
    sf_log_place place;
    int64_t records_begin;    /* behind the last segment's snapshot */
    bool is_closed;           /* the last segment has ended, the next is not there yet */
    size_t judged_size;       /* a bad tail of that size here was looked at already */
    _Atomic int64_t position; /* place.position; any thread */
    _Atomic int64_t synced;   /* known to be on disk; grows; any thread */
} sf_log_end;

void sf_log_end_init(sf_log_end *end, sf_log_storage *storage);
void sf_log_end_done(sf_log_end *end);

/* Goes to the begin of a segment, which it owns from now on. */
void sf_log_end_enter(sf_log_end *end, sf_log_segment *segment);

/* Everything before position is on disk. Any thread. */
void sf_log_end_raise_synced(sf_log_end *end, int64_t position);

/* Bytes of the segment that lie before the end. */
size_t sf_log_end_size_bytes(const sf_log_end *end);

/* Moves behind a whole frame that stands at the end. */
sf_status sf_log_end_pass(sf_log_end *end, const sf_frame *frame, sf_error *err);

/* What is behind the last whole frame. */
typedef struct sf_log_tail {
    size_t size_bytes;
    sf_frame_state state; /* SHORT or BAD if size_bytes is not 0 */
} sf_log_tail;

/* Passes all whole frames. Code SF_CORRUPT if the segment became shorter than it was. */
sf_status sf_log_end_read_on(sf_log_end *end, sf_log_tail *tail, sf_error *err);

/* Fails with SF_CORRUPT if what stands at the end was once durable. With the storage locked. */
sf_status sf_log_end_judge(sf_log_end *end, const sf_log_tail *tail, sf_error *err);

/* Judges and cuts it, and says so. With the storage locked. */
sf_status sf_log_end_cut(sf_log_end *end, const sf_log_tail *tail, sf_error *err);

#endif
