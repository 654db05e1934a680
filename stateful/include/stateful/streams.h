/* streams.h - a topology that runs: threads, commits, restore.
 *
 * Any thread may call these; new, start and free belong to one.
 */
#ifndef STATEFUL_STREAMS_H
#define STATEFUL_STREAMS_H

#include <stdbool.h>
#include <stdint.h>

#include <stateful/config.h>
#include <stateful/restore_progress.h>
#include <stateful/run_state.h>
#include <stateful/topology.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sf_streams sf_streams;

/* Checks the configuration, connects to the broker and opens the state directory. The topology is
 * borrowed and outlives the application; the configuration is copied. SF_INVALID names the setting,
 * SF_BUSY says that another process has the state or, on the journal, that another instance of the
 * application is running. */
sf_status sf_streams_new(const sf_topology *topology, const sf_config *config, sf_streams **streams,
                         sf_error *err);

/* Makes the topics that are missing, reads global tables whole, takes the tasks and starts the
 * threads; returns once they run, before their state is restored. Waits up to task_timeout_ms for a
 * broker that is away. Succeeds once only. SF_NOT_FOUND names an input topic that is not there;
 * SF_CLOSED: sf_streams_close was called meanwhile. */
sf_status sf_streams_start(sf_streams *streams, sf_error *err);

/* Commits what is done, stops the threads, closes the stores; views that are in use go on until they
 * are freed. SF_RETRY with SF_TIMED_OUT: threads are still at it after timeout_ms (-1: no limit);
 * call again. The failure that ended the application, if one did, is not repeated here. Any thread: it
 * ends a start under way too, which then fails. */
sf_status sf_streams_close(sf_streams *streams, int64_t timeout_ms, sf_error *err);

/* Closes if that was not done; after all views are freed. NULL is fine. */
void sf_streams_free(sf_streams *streams);

/* Where it stands now. Any thread. */
sf_run_state sf_streams_state(const sf_streams *streams);

/* Waits until the application is in that state, or in one it cannot leave for it; whether it is. */
bool sf_streams_wait(sf_streams *streams, sf_run_state state, int64_t timeout_ms);

/* Before the start; NULL: nobody. */
void sf_streams_set_listener(sf_streams *streams, sf_state_fn fn, void *user);

/* Called on a stream thread when it has committed, once or several times, and views answer with that:
 * what waits for the effect of a record can look again. Must be quick, and must not stop or wait for
 * the application. */
typedef void (*sf_committed_fn)(void *user);

/* Before the start; NULL: nobody. */
void sf_streams_set_commit_listener(sf_streams *streams, sf_committed_fn fn, void *user);

/* What ended a thread, copied to err; false if nothing did. */
bool sf_streams_error(const sf_streams *streams, sf_error *err);

/* ---- failures ---- */

/* What becomes of a failure that a thread cannot deal with by itself (SF_STOP: a record that is refused
 * where the policy is to fail, a right that is missing, ...). What it has not committed is processed
 * again in any case. */
typedef enum sf_failure_answer {
    SF_SHUT_DOWN_INSTANCE = 0, /* its other threads commit and stop, the state becomes ERROR */
    SF_SHUT_DOWN_APPLICATION,  /* and so it does in all other instances, when they learn of it: with
                                * their group's next rebalance. Starts after it are none of its
                                * business. On a journal there is no other instance */
    SF_REPLACE_THREAD, /* the thread begins anew with its tasks, after a pause that grows from
                                * 100 ms to 10 s while no commit comes in between */
} sf_failure_answer;

/* Called on the thread that failed, number counted from 0. Must not call back into the application
 * but for its state, error and counters. Not asked for failures of global tables and inputs that grow,
 * which shut the instance down. */
typedef sf_failure_answer (*sf_failure_fn)(void *user, size_t thread, const sf_error *error);

/* Before the start; NULL: always SF_SHUT_DOWN_INSTANCE. */
void sf_streams_set_failure_handler(sf_streams *streams, sf_failure_fn fn, void *user);

/* ---- pause ---- */

/* Nothing is processed and no punctuation called from the next round of each thread on; what was done
 * is committed, state is restored, the tasks stay. Queries are answered as of then. Before the start
 * too: it starts paused. */
void sf_streams_pause(sf_streams *streams);

/* Goes on where it was; wall-clock punctuations that are overdue are one call. */
void sf_streams_resume(sf_streams *streams);

/* Whether it is; threads may still be in the round in which they were told. */
bool sf_streams_is_paused(const sf_streams *streams);

/* ---- restore ---- */

/* Before the start; copied. */
void sf_streams_set_restore_listener(sf_streams *streams, const sf_restore_listener *listener);

/* What has been done since the start, by all threads. */
typedef struct sf_streams_counters {
    uint64_t processed;         /* records taken from input topics */
    uint64_t dropped;           /* late, without key, negative time, ... */
    uint64_t skipped;           /* failed ones that the source's policy passes over */
    uint64_t dead_letters;      /* failed ones kept in <application>-dlq */
    uint64_t commits;           /* of all threads */
    uint64_t aborts;            /* commits taken back and done again */
    uint64_t rebuilds;          /* producers made anew and tasks taken up from their changelogs */
    uint64_t replacements;      /* threads that began anew, as the failure handler said */
    uint64_t restored;          /* changelog records put into stores */
    uint64_t restore_remaining; /* offsets still ahead of the restore: its records at most */
    uint32_t tasks;             /* owned now */
    uint32_t tasks_running;     /* of these */
} sf_streams_counters;

/* The counters as they are now; each is right, together they may be of different moments. */
void sf_streams_counters_get(const sf_streams *streams, sf_streams_counters *counters);

/* The id of this instance: the configured one, or that of the state directory. */
const char *sf_streams_instance_id(const sf_streams *streams);

#ifdef __cplusplus
}
#endif

#endif
