/* journal.h - an embedded durable log as a broker: topics without a server.
 *
 * file:DIR is shared by any number of processes and threads, memory: by the threads of one. All
 * records of all topics lie in one log, a transaction is one frame of it. No network, no groups that
 * share partitions: a subscriber is assigned all of them.
 */
#ifndef SF_JOURNAL_JOURNAL_H
#define SF_JOURNAL_JOURNAL_H

#include <stateful/broker.h>
#include <stateful/clock.h>

/* When what was written is brought to the disk. A killed process loses nothing in any case. */
typedef enum sf_journal_fsync {
    SF_FSYNC_ALWAYS = 0, /* before it is acknowledged; writers that wait together share it */
    SF_FSYNC_INTERVAL,   /* now and then: a power cut may lose the last of it */
    SF_FSYNC_NEVER,      /* when a segment ends, else as the system likes */
} sf_journal_fsync;

typedef struct sf_journal_options {
    sf_clock *clock;             /* NULL: the system's */
    uint64_t random_gaps;        /* memory only, a seed: leaves gaps between offsets; 0: none */
    size_t segment_size_bytes;   /* 0: 64 MB, 4 MB in memory */
    size_t record_max_bytes;     /* what surrounds it included; 0: 64 MB, which is the most */
    sf_journal_fsync fsync;      /* of a directory */
    int32_t fsync_interval_ms;   /* 0: 1,000 */
    int32_t cleaner_interval_ms; /* the cleaner also looks when a segment ends; 0: 30,000; -1: only
                                  * when it is asked to */
    double
        cleaner_dirty_ratio; /* keys are compacted when so much of what has keys is new; 0: 0.5 */
    size_t cleaner_memory_bytes; /* for the keys it looks up; 0: 32 MB */
} sf_journal_options;

/* Opens the journal in a directory, made if missing, and cuts what a killed writer left unfinished.
 * Close with sf_broker_close. options may be NULL. A child process opens its own. Any thread. */
sf_status sf_journal_open_directory(const char *path, const sf_journal_options *options,
                                    sf_broker **broker, sf_error *err);

/* A new journal in memory, which lives until it is closed. */
sf_status sf_journal_open_memory(const sf_journal_options *options, sf_broker **broker,
                                 sf_error *err);

/* A journal over any storage, which it owns from now on, also when it fails; for tests. */
struct sf_log_storage;
sf_status sf_journal_open_storage(struct sf_log_storage *storage, const sf_journal_options *options,
                                  sf_broker **broker, sf_error *err);

/* Removes what was purged, has expired or was superseded, now and in this thread; nothing while
 * another one cleans that journal. Otherwise a thread does it by itself (memory: who ends a segment).
 * SF_RETRY: there is no room on the disk. Any thread. */
sf_status sf_journal_clean(sf_broker *broker, sf_error *err);

/* A number drawn when the log was begun: another one means that the log was replaced. */
uint64_t sf_journal_id(const sf_broker *broker);

#endif
