/* frame.h - the unit of the journal: what is in one frame counts as a whole or not at all.
 *
 *   0 size           bytes of the whole frame, 0 is no frame
 *   4 crc            of bytes 0-3 and 8 up to the end of the facts
 *   8 position       where in the log it stands
 *  16 synced         the position known to be on disk when it was written
 *  24 time           wall clock, ms, when it was written; in a cleaned segment: when its keys were
 *                    compacted for the first time
 *  32 payload crc    of the records
 *  36 facts size     in bytes
 *  40 flags
 *  44 block count
 *  48 blocks (block.h), facts (fact.h), the blocks' records in the same order
 *
 * Numbers are little-endian. Any thread.
 */
#ifndef SF_JOURNAL_FRAME_H
#define SF_JOURNAL_FRAME_H

#include "base/buffer.h"
#include "journal/block.h"

enum {
    SF_FRAME_HEADER_SIZE = 48,
    SF_FRAME_MAX_SIZE = 1024 * 1024 * 1024,

    SF_FRAME_IS_SNAPSHOT = 1, /* facts are the whole catalog; the first frame of a segment */
    SF_FRAME_IS_LAST = 2,     /* the segment ends here; the log goes on in the next one */
};

/* A frame to be written. The bytes are borrowed until it is. */
typedef struct sf_frame_draft {
    sf_block *blocks;
    const sf_bytes *records; /* of each block */
    size_t block_count;
    sf_bytes facts;
    uint32_t flags;
    uint32_t payload_crc; /* by sf_frame_draft_seal */
    size_t size_bytes;    /* of the whole frame; likewise */
} sf_frame_draft;

/* Sums up what does not change any more: sizes and checksum of the records. */
void sf_frame_draft_seal(sf_frame_draft *draft);

/* The frame up to its records, appended to head. */
typedef struct sf_frame_mark {
    int64_t position;
    int64_t synced;
    int64_t time_ms;
} sf_frame_mark;
void sf_frame_draft_head(const sf_frame_draft *draft, sf_frame_mark mark, sf_buffer *head);

/* A frame that was read; it points into the bytes read. */
typedef struct sf_frame {
    sf_frame_mark mark;
    uint32_t flags;
    size_t size_bytes;
    size_t block_count;
    const uint8_t *blocks; /* block_count headers, one behind the other */
    sf_bytes facts;
    const uint8_t *records;
} sf_frame;

typedef enum sf_frame_state {
    SF_FRAME_WHOLE,
    SF_FRAME_SHORT, /* more bytes are wanted */
    SF_FRAME_BAD,
    SF_FRAME_MOVED, /* the segment is not there any more, or was cleaned since the place was noted */
} sf_frame_state;

/* Reads the frame that begins at bytes and in the log at position. *frame only if it is whole. */
sf_frame_state sf_frame_read(sf_bytes bytes, int64_t position, sf_frame *frame);

/* As many bytes as the frame wants, judged by those of its header that are there: at least a
 * header; 0 if this cannot be a frame. */
size_t sf_frame_wanted_bytes(sf_bytes bytes, int64_t position);

/* The same without the records: what was just built by _draft_head. */
sf_frame sf_frame_of_head(sf_bytes head);

#endif
