/* segment_frames.h - all frames of a closed segment, and all records of a block, one behind the other. One
 * thread.
 */
#ifndef SF_JOURNAL_SEGMENT_FRAMES_H
#define SF_JOURNAL_SEGMENT_FRAMES_H

#include "journal/block.h"
#include "journal/log_window.h"

/* The frame is valid during the call. */
typedef sf_status (*sf_segment_frame_fn)(const sf_frame *frame, void *user, sf_error *err);

/* Calls fn for each frame of the segment that begins at base. SF_CORRUPT, naming the place: one of them is
 * damaged. */
sf_status sf_segment_frames(sf_log_window *window, int64_t base, sf_segment_frame_fn fn, void *user,
                            sf_error *err);

/* The block of a frame, where its records begin. */
typedef sf_status (*sf_frame_block_fn)(const sf_block *block, const uint8_t *records, void *user,
                                       sf_error *err);

sf_status sf_frame_blocks(const sf_frame *frame, sf_frame_block_fn fn, void *user, sf_error *err);

/* The record is valid during the call. */
typedef sf_status (*sf_block_record_fn)(const sf_consumed_record *record, void *user,
                                        sf_error *err);

/* journal: its name, for SF_CORRUPT. */
sf_status sf_block_each_record(const sf_block *block, const uint8_t *records, const char *journal,
                               sf_block_record_fn fn, void *user, sf_error *err);

#endif
