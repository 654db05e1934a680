/* straight_log.h - how the straight-line programs of the benchmarks read the embedded log and write a changelog to it: the
 * partitions of one topic in turn, and a transaction with all that has changed. No engine. One thread; what fails
 * ends the process with a sentence.
 */
#ifndef TESTS_SUPPORT_STRAIGHT_LOG_H
#define TESTS_SUPPORT_STRAIGHT_LOG_H

#include <stateful/record.h>

typedef struct straight_log straight_log;

/* Reads all partitions of topic from their beginning; makes the changelog with as many. */
straight_log *straight_log_open(const char *address, const char *topic, const char *changelog,
                                int partitions);

typedef void (*straight_record_fn)(void *user, const sf_record *record);

/* Some of each partition; how many records that were. Waits a moment if there were none. */
uint64_t straight_log_read(straight_log *log, straight_record_fn fn, void *user);

/* To be sent with the next commit; key and value stay where they are until then. */
void straight_log_change(straight_log *log, sf_bytes key, sf_bytes value);

/* Sends all changes in a transaction. */
void straight_log_commit(straight_log *log);

/* Behind what was read of each partition. */
const int64_t *straight_log_positions(const straight_log *log);

#endif
