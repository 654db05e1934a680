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

typedef struct sf_journal_options {
    sf_clock *clock;           /* NULL: the system's */
    uint64_t random_gaps;      /* memory only, a seed: leaves gaps between offsets; 0: none */
    size_t segment_size_bytes; /* 0: 64 MB, 4 MB in memory */
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

/* A number drawn when the log was begun: another one means that the log was replaced. */
uint64_t sf_journal_id(const sf_broker *broker);

#endif
