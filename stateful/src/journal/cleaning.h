/* cleaning.h - one run of the cleaner: what each topic keeps, and what is to be done with each closed
 * segment. One thread, which has the cleaner's lock.
 */
#ifndef SF_JOURNAL_CLEANING_H
#define SF_JOURNAL_CLEANING_H

#include "journal/segment_outline.h"
#include "journal/shared_log.h"
#include "journal/topic_policy.h"

/* A topic as it stood when the run began. */
typedef struct sf_cleaned_topic {
    bool is_there;
    sf_topic_policy policy;
    int32_t partition_count;
    int64_t *lows;       /* of each partition */
    size_t *first_dirty; /* likewise: the first closed segment whose keys were never compacted */
} sf_cleaned_topic;

/* What the parts of a closed segment come to, in bytes. */
typedef struct sf_segment_sums {
    int64_t live;  /* of partitions that have not purged all of it */
    int64_t gone;  /* of those that have */
    int64_t dirty; /* live, with keys to be compacted */
    int64_t clean; /* live, with keys that are */
} sf_segment_sums;

typedef struct sf_cleaning {
    int64_t now_ms;
    sf_outlines outlines;
    sf_cleaned_topic *topics; /* by number */
    uint32_t topic_count;
    sf_segment_sums *sums; /* of each closed segment */
} sf_cleaning;

/* Raises what retention has to raise, makes that durable, and looks at all segments. */
sf_status sf_cleaning_begin(sf_cleaning *cleaning, sf_shared_log *log, sf_error *err);
void sf_cleaning_done(sf_cleaning *cleaning);

size_t sf_cleaning_closed_count(const sf_cleaning *cleaning);

/* NULL: it was deleted. */
const sf_cleaned_topic *sf_cleaning_topic(const sf_cleaning *cleaning, uint32_t id);

/* Offsets of a partition below it are purged; all of them if its topic is gone. */
int64_t sf_cleaning_low(const sf_cleaning *cleaning, sf_log_target target);

/* Whether what a closed segment holds of a partition is compacted; false if it holds nothing. */
bool sf_cleaning_is_compacted(const sf_cleaning *cleaning, size_t segment, sf_log_target target);

/* Whether all that closed segments before that one hold of a partition is compacted. */
bool sf_cleaning_is_compacted_before(const sf_cleaning *cleaning, size_t segment,
                                     sf_log_target target);

/* Whether what a closed segment has of a topic is old enough to be compacted. */
bool sf_cleaning_may_compact(const sf_cleaning *cleaning, size_t segment,
                             const sf_cleaned_topic *topic);

#endif
