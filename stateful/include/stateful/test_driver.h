/* test_driver.h - runs a whole topology without broker, threads or time, one record at a time.
 *
 * All that follows from a record, through repartition topics too, is done before the call returns,
 * and committed (unless commits are left to the test). State, changelogs, output and committed
 * positions live in memory, so that a crash can be played: see _abort and _restart. One thread.
 */
#ifndef STATEFUL_TEST_DRIVER_H
#define STATEFUL_TEST_DRIVER_H

#include <stddef.h>
#include <stdint.h>

#include <stateful/error.h>
#include <stateful/key_value_store.h>
#include <stateful/record.h>
#include <stateful/session_store.h>
#include <stateful/topology.h>
#include <stateful/versioned_store.h>
#include <stateful/window_store.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sf_test_driver sf_test_driver;

/* Zero is the usual case. */
typedef struct sf_test_driver_options {
    const char *application_id; /* NULL: "test" */
    int64_t now_ms;             /* where the wall clock stands at the start */
    int32_t partitions;         /* of each topic that is not told otherwise; 0: 1 */
    bool commit_by_hand;        /* only sf_test_driver_commit commits */
    bool caching_off;           /* every store as if it had been made with caching_off */
    int64_t emit_interval_ms; /* wall clock between emissions on close and of late join results; 0:
                                   none (the application: 1,000) */
    size_t record_max_bytes;  /* the largest record that can be sent, as a broker's
                               * message.max.bytes; 0: any size */
} sf_test_driver_options;

/* The topology is borrowed. options may be NULL. */
sf_status sf_test_driver_new(const sf_topology *topology, const sf_test_driver_options *options,
                             sf_test_driver **driver, sf_error *err);
void sf_test_driver_free(sf_test_driver *driver);

/* ---- input; bytes as they are on the wire, copied ---- */

/* A record to the partition of its key (see partitioner.h; without a key to the first). Fails as the
 * application would. */
sf_status sf_test_driver_pipe(sf_test_driver *driver, const char *topic, const sf_record *record,
                              sf_error *err);

/* The same for texts; NULL is null. */
sf_status sf_test_driver_pipe_text(sf_test_driver *driver, const char *topic, const char *key,
                                   const char *value, int64_t timestamp, sf_error *err);

/* Appends without processing: several inputs are there at once when _run is called. */
sf_status sf_test_driver_append(sf_test_driver *driver, const char *topic, const sf_record *record,
                                sf_error *err);

/* Processes all that is there, smallest timestamp first within a task, and commits. */
sf_status sf_test_driver_run(sf_test_driver *driver, sf_error *err);

/* Moves the wall clock and calls the punctuations that are due. */
sf_status sf_test_driver_advance(sf_test_driver *driver, int64_t by_ms, sf_error *err);

/* Commits, and whatever follows from what the caches let go. */
sf_status sf_test_driver_commit(sf_test_driver *driver, sf_error *err);

/* ---- output; names without the application's prefix or with it ---- */

/* The next committed record of a topic that was not read yet, partition by partition; false if there
 * is none. The record is the driver's, valid until the next call that changes something. */
bool sf_test_driver_read(sf_test_driver *driver, const char *topic, sf_record *record);

/* How many records of it were committed in all, and not yet read. */
size_t sf_test_driver_produced(const sf_test_driver *driver, const char *topic);
size_t sf_test_driver_unread(const sf_test_driver *driver, const char *topic);

/* Calls fn for each topic something was sent to, internal ones too, by full name. */
void sf_test_driver_topics(const sf_test_driver *driver, void (*fn)(void *user, const char *topic),
                           void *user);

/* ---- state; the stores of the task that owns the partition, uncommitted changes included ---- */

/* NULL: no such store of that kind. */
sf_key_value_store *sf_test_driver_key_value_store(sf_test_driver *driver, const char *name,
                                                   int32_t partition);
sf_session_store *sf_test_driver_session_store(sf_test_driver *driver, const char *name,
                                               int32_t partition);
sf_versioned_store *sf_test_driver_versioned_store(sf_test_driver *driver, const char *name,
                                                   int32_t partition);
sf_window_store *sf_test_driver_window_store(sf_test_driver *driver, const char *name,
                                             int32_t partition);

/* What became of the input. */
typedef struct sf_test_counters {
    uint64_t processed;
    uint64_t dropped;      /* late, without key, ... */
    uint64_t skipped;      /* by SF_ON_ERROR_SKIP */
    uint64_t dead_letters; /* by SF_ON_ERROR_DEAD_LETTER */
} sf_test_counters;

/* Of all tasks since they were made; a restart begins at 0. */
sf_test_counters sf_test_driver_counters(const sf_test_driver *driver);

/* ---- faults ---- */

/* A transaction that failed: all since the last commit is undone, in stores, topics and times; the
 * pipelines are made anew and the inputs since are processed again (not committed, if commits are
 * left to the test). */
sf_status sf_test_driver_abort(sf_test_driver *driver, sf_error *err);

/* What a crash leaves. */
typedef enum sf_test_crash {
    SF_CRASH_KEEPS_STATE, /* the process died, its disk is there */
    SF_CRASH_LOSES_STATE, /* the disk is gone: restored from changelogs */
} sf_test_crash;

/* The process dies without a commit and starts again: what was not committed is gone and processed
 * again. */
sf_status sf_test_driver_restart(sf_test_driver *driver, sf_test_crash crash, sf_error *err);

#ifdef __cplusplus
}
#endif

#endif
