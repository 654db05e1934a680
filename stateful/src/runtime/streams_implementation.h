/* streams_implementation.h - the inside of an application: for its start and its end, for the query room
 * and for tests. */
#ifndef SF_RUNTIME_STREAMS_IMPLEMENTATION_H
#define SF_RUNTIME_STREAMS_IMPLEMENTATION_H

#include <stateful/store.h>
#include <stateful/streams.h>

#include "runtime/call_watch.h"
#include "runtime/global_tables.h"
#include "runtime/group_watch.h"
#include "runtime/housekeeper.h"
#include "runtime/layout.h"
#include "runtime/run_state_implementation.h"
#include "runtime/start_gate.h"
#include "runtime/stream_thread.h"

/* What a simulated machine puts in place of the real one; zero is a real one. */
typedef struct sf_streams_machine {
    sf_state_db *disk;   /* instead of a database in state_dir; borrowed */
    uint64_t seed;       /* of what is drawn by chance; 0: the system's */
    size_t memory_bytes; /* shared out instead of memory_max_bytes, however little; 0: that is */
    bool loads_always;   /* restores are loads, be there ever so few records, and write often */
} sf_streams_machine;

struct sf_streams {
    const sf_topology *topology;
    sf_config config; /* complete */
    sf_run_status status;
    char *state_directory; /* NULL: nothing on disk */
    sf_streams_machine machine;
    sf_state *state;
    char *instance_id;
    sf_broker *broker;
    bool owns_broker;
    int instance_lock; /* of the only instance on a journal; -1: none */

    /* constant once started */
    int32_t *counts; /* partitions of the topology's topics */
    sf_layout *layout;
    sf_global_tables *globals; /* NULL: the topology has none */
    sf_group_watch *watch;     /* NULL: a broker without groups */
    sf_call_watch *call_watch; /* NULL: the broker may be away for ever, or it cannot be */
    sf_housekeeper *housekeeper;
    sf_stream_thread **threads;
    size_t thread_count;
    size_t joined_count; /* threads, the first ones, that have been joined */

    sf_commit_step_fn after_commit_step;
    void *commit_user;
    sf_failure_fn on_failure; /* NULL: shut down */
    void *failure_user;
    sf_committed_fn on_commit; /* NULL: nobody */
    void *on_commit_user;
    sf_restore_listener restore_listener;
    sf_start_gate gate;
    atomic_bool stopping;
    atomic_bool paused;
};

/* sf_streams_new on such a machine. */
sf_status sf_streams_new_on(const sf_topology *topology, const sf_config *config,
                            const sf_streams_machine *machine, sf_streams **streams, sf_error *err);

/* sf_streams_start without the threads: whoever calls it steps streams->threads, and
 * streams->globals if there are any, himself. */
sf_status sf_streams_prepare(sf_streams *streams, sf_error *err);

/* Opens the state directory with the instance's id, or the one it keeps. */
sf_status sf_streams_open_state(sf_streams *streams, sf_error *err);

/* Ends the waits of all threads. */
void sf_streams_wake(sf_streams *streams);

/* ---- any thread ---- */

/* The store of that name and the sub-topology that owns it, SF_NO_SUBTOPOLOGY for a global table; NULL
 * if there is none. */
const sf_store_options *sf_streams_find_store(const sf_streams *streams, const char *name,
                                              size_t *subtopology);

/* Where stores are published; NULL before the start. */
sf_state *sf_streams_published_state(const sf_streams *streams);

/* How many tasks a sub-topology has, of a global table one; 0 before the start. */
int32_t sf_streams_task_count(const sf_streams *streams, size_t subtopology);

/* The index of a task in the layout, SIZE_MAX if there is none; after the start. */
size_t sf_streams_find_task(const sf_streams *streams, size_t subtopology, int32_t partition);

/* For tests, before the start: see sf_commit_step_fn. */
void sf_streams_set_commit_hook(sf_streams *streams, sf_commit_step_fn after_step, void *user);

#endif
