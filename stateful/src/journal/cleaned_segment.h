/* cleaned_segment.h - writes the segment that takes the place of one or several closed ones, with the
 * records of theirs that are kept, in larger frames than they came in. One thread, which has the
 * cleaner's lock.
 */
#ifndef SF_JOURNAL_CLEANED_SEGMENT_H
#define SF_JOURNAL_CLEANED_SEGMENT_H

#include "journal/segment_outline.h"

typedef struct sf_cleaned_segment sf_cleaned_segment;

/* Begins one in the place of first, whose beginning becomes its own. */
sf_status sf_cleaned_segment_begin(sf_log_storage *storage, const sf_segment_outline *first,
                                   sf_cleaned_segment **segment, sf_error *err);

/* Forgets it, unless it was finished and put in place. NULL is fine. */
void sf_cleaned_segment_free(sf_cleaned_segment *segment);

/* Another closed segment begins, cleaned so often: what follows is in it. */
void sf_cleaned_segment_enter(sf_cleaned_segment *segment, uint32_t generation);

/* What follows goes into frames with that time. */
sf_status sf_cleaned_segment_set_time(sf_cleaned_segment *segment, int64_t time_ms, sf_error *err);

/* There was a block up to that offset of which something is to be known further on, be it only its
 * end. is_compacted: its keys are compacted now. */
void sf_cleaned_segment_add_block(sf_cleaned_segment *segment, sf_log_target target,
                                  int64_t next_offset, bool is_compacted);

/* Keeps a record of the block added last. */
sf_status sf_cleaned_segment_keep(sf_cleaned_segment *segment, const sf_consumed_record *record,
                                  sf_error *err);

/* Bytes written so far. */
size_t sf_cleaned_segment_size_bytes(const sf_cleaned_segment *segment);

/* Writes what is left and syncs; *written belongs to it and is ready for the storage's _replace. */
sf_status sf_cleaned_segment_finish(sf_cleaned_segment *segment, int64_t next_base,
                                    sf_log_segment **written, sf_error *err);

#endif
