/* journal_keeper.h - what a journal does by itself: runs the cleaner, and syncs where that is not done
 * before each acknowledgement. In a directory by a thread of its own; in memory there is none, so that
 * runs can be repeated: who ends a segment cleans. Any thread.
 */
#ifndef SF_JOURNAL_JOURNAL_KEEPER_H
#define SF_JOURNAL_JOURNAL_KEEPER_H

#include "journal/cleaner.h"

typedef struct sf_journal_keeper sf_journal_keeper;

typedef struct sf_journal_keeper_options {
    bool syncs_by_interval;
    int32_t fsync_interval_ms;   /* 0: 1,000 */
    int32_t cleaner_interval_ms; /* 0: 30,000; -1: only when it is asked to */
    sf_cleaner_options cleaner;
} sf_journal_keeper_options;

/* log is borrowed. */
sf_status sf_journal_keeper_start(sf_shared_log *log, const sf_journal_keeper_options *options,
                                  sf_journal_keeper **keeper, sf_error *err);
void sf_journal_keeper_stop(sf_journal_keeper *keeper);

/* Cleans now. */
sf_status sf_journal_keeper_clean(sf_journal_keeper *keeper, sf_error *err);

#endif
