/* segment_outline.h - what a closed segment holds of each partition, told by its own snapshot and the
 * next one's, or, once it was cleaned, by its last frame: without reading it. One thread.
 */
#ifndef SF_JOURNAL_SEGMENT_OUTLINE_H
#define SF_JOURNAL_SEGMENT_OUTLINE_H

#include "journal/log_search.h"

/* Where a partition stood at a snapshot. */
typedef struct sf_outline_mark {
    sf_log_target target;
    int64_t next;
    int64_t max_timestamp;
    int64_t written_bytes;
} sf_outline_mark;

/* What a segment has of a partition. */
typedef struct sf_outline_part {
    sf_log_target target;
    int64_t next;       /* behind the last offset in it */
    int64_t size_bytes; /* of its blocks */
    bool is_compacted;  /* no key is there twice up to here */
} sf_outline_part;

typedef struct sf_segment_outline {
    sf_segment_header header;
    size_t size_bytes;      /* of the segment; 0 of the last one, which grows */
    int64_t began_ms;       /* wall clock: when it was begun, and the one before it ended */
    sf_outline_mark *marks; /* its beginning: of all partitions there were */
    size_t mark_count;
    sf_outline_part *parts;
    size_t part_count;
} sf_segment_outline;

typedef struct sf_outlines {
    sf_segment_outline *items; /* ascending; the last segment has no parts yet */
    size_t count;
} sf_outlines;

/* Of all segments. SF_RETRY: the last one is being begun right now. By who has the cleaner's lock.
 * Empty on failure. */
sf_status sf_outlines_read(sf_outlines *outlines, sf_log_storage *storage, sf_error *err);
void sf_outlines_done(sf_outlines *outlines);

/* NULL if the partition was not there yet. */
const sf_outline_mark *sf_segment_outline_mark(const sf_segment_outline *outline,
                                               sf_log_target target);

#endif
