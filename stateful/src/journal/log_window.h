/* log_window.h - reads frames of a log one behind the other, some 256 kB at a time.
 *
 * One thread. A frame points into the window and is valid until the next call.
 */
#ifndef SF_JOURNAL_LOG_WINDOW_H
#define SF_JOURNAL_LOG_WINDOW_H

#include "journal/frame.h"
#include "journal/log_storage.h"

enum {
    SF_SEGMENT_HEADER_SIZE = 64,
    SF_SEGMENT_VERSION = 1,
};

/* Where a frame stands. */
typedef struct sf_log_place {
    int64_t segment;  /* its base */
    int64_t position; /* in the log */
} sf_log_place;

/* The place behind a whole frame: the first frame of the next segment if this was the last. */
sf_log_place sf_log_place_after(sf_log_place place, const sf_frame *frame);

/* The first frame of a segment. */
sf_log_place sf_log_place_of_segment(int64_t base);

typedef struct sf_log_window {
    sf_log_storage *storage; /* borrowed */
    sf_log_segment *segment; /* opened; NULL at first */
    uint64_t log_id;         /* of that segment */
    sf_buffer bytes;         /* what was read */
    int64_t position;        /* where bytes begin in the log */
} sf_log_window;

void sf_log_window_init(sf_log_window *window, sf_log_storage *storage);
void sf_log_window_done(sf_log_window *window);

/* Reads the frame at place; *frame only if *state is SF_FRAME_WHOLE. Code SF_NOT_FOUND if there is
 * no such segment, SF_INVALID if it is of another version. */
sf_status sf_log_window_read(sf_log_window *window, sf_log_place place, sf_frame *frame,
                             sf_frame_state *state, sf_error *err);

/* The contents of a new segment up to its first frame, appended to contents. */
void sf_segment_header_add(sf_buffer *contents, uint64_t log_id, int64_t base);

#endif
