/* worker.h - what a stream thread works with: its consumer, its sender, its tasks. The steps of the loop
 * (stream_thread.c), the commit (commit.c) and what follows failures (recovery.c) work on it. The
 * stream thread's.
 */
#ifndef SF_RUNTIME_WORKER_H
#define SF_RUNTIME_WORKER_H

#include <stateful/config.h>
#include <stateful/restore_progress.h>
#include <stateful/runtime_metrics.h>

#include "runtime/active_task.h"
#include "runtime/broker_call.h"
#include "runtime/commit_pace.h"
#include "runtime/group_watch.h"
#include "runtime/memory_shares.h"
#include "runtime/restore.h"
#include "runtime/sender.h"
#include "runtime/task_topics.h"
#include "runtime/wake_bell.h"

/* For tests: called after each step of a commit (1 to 4, see commit.c). What it returns ends the commit
 * as if the process had died there. */
typedef sf_status (*sf_commit_step_fn)(void *user, int step, sf_error *err);

typedef struct sf_worker_options {
    const sf_topology *topology;
    const sf_config *config; /* complete */
    sf_broker *broker;
    sf_state *state;
    sf_layout *layout;
    const int32_t *counts; /* partitions of the topology's topics */
    const char *instance_id;
    size_t number; /* of the thread */
    sf_memory_shares shares;
    const atomic_bool *stopping;
    const atomic_bool *paused;
    const sf_restore_listener *restore_listener;
    bool loads_always;                   /* see sf_streams_machine */
    sf_wake_bell *bell;                  /* of the thread */
    sf_broker_call *call;                /* of the thread: what it waits for */
    sf_group_watch *watch;               /* told when tasks move; NULL: nobody */
    sf_commit_step_fn after_commit_step; /* NULL: nobody */
    void *commit_user;
} sf_worker_options;

typedef struct sf_worker_counters {
    uint64_t commits;
    uint64_t aborts;
    uint64_t rebuilds;
    uint64_t replacements;
    uint64_t restored;
    sf_latency commit_latency;
    sf_task_counters closed_tasks; /* of tasks that were let go */
} sf_worker_counters;

typedef struct sf_worker {
    sf_worker_options options;
    sf_arena *names; /* of what is expected to be read and written */
    sf_task_topics inputs;
    sf_consumer *consumer;
    sf_sender *sender;
    sf_restore *restore;
    sf_active_task **tasks;
    size_t task_count;
    sf_read_cache cache; /* of all tasks */
    bool has_assignment; /* it knows which tasks are its own, if any */
    bool layout_due;     /* tasks came or went: the layout is looked at before anything counts */
    int64_t deadline_us; /* calls of the broker give up then; 0: by the retry policy alone */

    /* the commit under way; memory is reused */
    sf_state_commit *batch;
    sf_offset *offsets;
    size_t offset_capacity;
    sf_buffer metadata;

    sf_commit_pace pace;
    bool positions_due; /* tasks started: their positions are committed before their first record */
    int64_t trouble_us; /* since when commits fail one after the other; 0: they do not */
    int64_t rebuilt_us[5];    /* when the latest rebuilds were, a ring */
    sf_error rebalance_error; /* of a callback, its status SF_OK if there is none */
    sf_worker_counters counters;
} sf_worker;

sf_worker *sf_worker_new(const sf_worker_options *options);

/* Connects producer and consumer. Tasks come by assignment.h. */
sf_status sf_worker_connect(sf_worker *worker, sf_error *err);

/* Lets all tasks go without a commit and leaves the group; what it has sent and not committed is lost.
 * It can be connected again. */
void sf_worker_disconnect(sf_worker *worker);

/* The same after a failure that was the end; nothing of it is held against what follows. */
void sf_worker_begin_anew(sf_worker *worker);

void sf_worker_free(sf_worker *worker); /* disconnects; NULL is fine */

sf_retry_policy sf_worker_retry(const sf_worker *worker);

/* Looks at the layout again if that is due; SF_STOP when it is another program's. */
sf_status sf_worker_check_layout(sf_worker *worker, sf_error *err);

/* A task to be taken up; one that it has already is left alone. */
void sf_worker_add_task(sf_worker *worker, size_t index);

/* Lets a task go; what it has not committed is lost. */
void sf_worker_remove_task(sf_worker *worker, size_t index);

/* Takes a task's readers away, closes it and lets it go; it will be taken up again. */
void sf_worker_reset_task(sf_worker *worker, sf_active_task *active);

bool sf_worker_is_paused(const sf_worker *worker);
bool sf_worker_is_running(const sf_worker *worker);   /* all its tasks are */
bool sf_worker_is_taking_up(const sf_worker *worker); /* some do not run yet */
bool sf_worker_has_uncommitted(const sf_worker *worker);
int64_t sf_worker_now_us(const sf_worker *worker); /* monotonic, of its clock */
int64_t sf_worker_since_commit_ms(const sf_worker *worker);
int64_t sf_worker_idle_wait_us(const sf_worker *worker); /* until it may commit, being idle */
sf_task_counters sf_worker_task_counters(const sf_worker *worker);

#endif
