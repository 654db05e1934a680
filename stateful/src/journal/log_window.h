/* log_window.h - reads frames of a log one behind the other, some 256 kB at a time.
 *
 * One thread. A frame points into the window and is valid until the next call. A segment once opened
 * is read as it was then, though the cleaner may put another in its place.
 */
#ifndef SF_JOURNAL_LOG_WINDOW_H
#define SF_JOURNAL_LOG_WINDOW_H

#include "journal/frame.h"
#include "journal/log_storage.h"

enum {
    SF_SEGMENT_HEADER_SIZE = 64,
    SF_SEGMENT_VERSION = 1,
};

/* What the head of a segment says. */
typedef struct sf_segment_header {
    uint64_t log_id;
    int64_t base;
    uint32_t generation;      /* how often it was cleaned; 0: never, and the rest is 0 too */
    int64_t next_base;        /* of the segment that follows a cleaned one */
    int64_t summary_position; /* of a cleaned one's last frame, which sums up what was kept */
} sf_segment_header;

/* Where a frame stands. */
typedef struct sf_log_place {
    int64_t segment;  /* its base */
    int64_t position; /* in the log */
    uint32_t
        generation; /* of the segment; behind its first frame positions are good for one only */
} sf_log_place;

/* The first frame of a segment. */
sf_log_place sf_log_place_of_segment(int64_t base);

bool sf_log_place_is(sf_log_place place, sf_log_place other);

typedef struct sf_log_window {
    sf_log_storage *storage;  /* borrowed */
    sf_log_segment *segment;  /* opened; NULL at first */
    sf_segment_header header; /* of that segment */
    sf_buffer bytes;          /* what was read */
    int64_t position;         /* where bytes begin in the log */
} sf_log_window;

void sf_log_window_init(sf_log_window *window, sf_log_storage *storage);
void sf_log_window_done(sf_log_window *window);

/* Reads the frame at place; *frame only if *state is SF_FRAME_WHOLE. Code SF_INVALID if the segment is
 * of another version. */
sf_status sf_log_window_read(sf_log_window *window, sf_log_place place, sf_frame *frame,
                             sf_frame_state *state, sf_error *err);

/* The place behind the frame that was just read at place: the first frame of the next segment if it
 * was the last. */
sf_log_place sf_log_window_after(const sf_log_window *window, sf_log_place place,
                                 const sf_frame *frame);

/* The contents of a new segment up to its first frame, appended to contents. */
void sf_segment_header_add(sf_buffer *contents, const sf_segment_header *header);

#endif
