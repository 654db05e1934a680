/* log_search.h - finds where in the log an offset or a time is, by the snapshots that begin the
 * segments: a few of them are read, never the log. What the cleaner takes away meanwhile is looked for
 * anew. Any thread. */
#ifndef SF_JOURNAL_LOG_SEARCH_H
#define SF_JOURNAL_LOG_SEARCH_H

#include "journal/log_window.h"

typedef struct sf_log_target {
    uint32_t topic;
    int32_t partition;
} sf_log_target;

/* *place = one from which on all records of the target from offset on follow. */
sf_status sf_log_search_offset(sf_log_storage *storage, sf_log_target target, int64_t offset,
                               sf_log_place *place, sf_error *err);

/* *place = where to read on instead of a place that the cleaner took away: not beyond it, but blocks
 * that were read already may come again. Code SF_CORRUPT if it was not the cleaner. */
sf_status sf_log_search_moved(sf_log_storage *storage, sf_log_place moved, sf_log_place *place,
                              sf_error *err);

typedef struct sf_log_time_search {
    sf_log_target target;
    int64_t low; /* records below do not count */
    int64_t timestamp_ms;
    int64_t log_end; /* nor do frames from there on */
} sf_log_time_search;

/* *offset = of the first record with that time or a later one, else SF_OFFSET_END. Reads from the
 * segment on in which it is. */
sf_status sf_log_search_time(sf_log_storage *storage, const sf_log_time_search *search,
                             int64_t *offset, sf_error *err);

#endif
