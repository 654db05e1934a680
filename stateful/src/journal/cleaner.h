/* cleaner.h - keeps the size of a log bounded: rewrites closed segments without what was purged, has
 * expired, was superseded by a newer record of its key, or belongs to a deleted topic.
 *
 * One cleaner works on a log at a time, in whatever process. A cleaner belongs to one thread.
 */
#ifndef SF_JOURNAL_CLEANER_H
#define SF_JOURNAL_CLEANER_H

#include "journal/shared_log.h"

typedef struct sf_cleaner sf_cleaner;

typedef struct sf_cleaner_options {
    double min_dirty_ratio;    /* keys are compacted when so much of what has keys is new; 0: 0.5 */
    size_t memory_bytes;       /* for their offsets, 43 a key; one segment's always fit; 0: 32 MB */
    size_t segment_size_bytes; /* cleaned segments grow to that */
} sf_cleaner_options;

sf_cleaner *sf_cleaner_new(sf_shared_log *log, const sf_cleaner_options *options);
void sf_cleaner_free(sf_cleaner *cleaner);

/* Does what is due; nothing while another one is at it. SF_RETRY: there is no room on the disk. */
sf_status sf_cleaner_run(sf_cleaner *cleaner, sf_error *err);

/* How many closed segments its last run found. */
size_t sf_cleaner_closed_count(const sf_cleaner *cleaner);

#endif
