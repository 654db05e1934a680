/* machine.h - a computer of a history: its disk, and the process that runs on it or does not.
 *
 * The process is a real application without threads: _step takes their place. One thread.
 */
#ifndef SF_SIMULATION_MACHINE_H
#define SF_SIMULATION_MACHINE_H

#include "runtime/streams_implementation.h"
#include "simulation/simulated_disk.h"

typedef struct sf_machine_options {
    sf_simulated_cluster *cluster;
    const sf_topology *topology;
    sf_config config;      /* but for instance id, broker and clock */
    const char *name;      /* the instance id; borrowed */
    const char *directory; /* of its RocksDB; NULL: none */
    uint64_t seed;
    size_t memory_bytes; /* shared out to caches; 0: as configured */
    bool loads_always;   /* see sf_streams_machine */
    void (*meanwhile)(void *user, sf_simulated_host *host, int64_t ms);
    void *user;
} sf_machine_options;

typedef struct sf_machine {
    sf_machine_options options;
    sf_simulated_disk *disk;
    sf_simulated_host *host; /* NULL: it is off */
    sf_streams *streams;     /* while the process runs */
    bool is_busy;            /* one of its calls is under way */
    int64_t wall_skew_ms;
    int64_t on_again_ms; /* when it is to be switched on */
    uint64_t processes;  /* that were started */
    int64_t started_ms;  /* when the last one was */
    uint64_t removals;   /* times that the state of tasks that had left may have been removed */
    sf_streams_counters past; /* of processes that ended */
    sf_error last_error;      /* why the last one ended by itself */
} sf_machine;

void sf_machine_init(sf_machine *machine, const sf_machine_options *options);
void sf_machine_done(sf_machine *machine);

/* Whether a process runs that may be stepped or struck now. */
bool sf_machine_is_free(const sf_machine *machine);

/* Starts a process: it may be struck in the middle, or refuse (last_error); then the machine is off. */
void sf_machine_start(sf_machine *machine);

/* One round of each of its threads. A process that was killed, or has ended by itself, is cleared away:
 * then the machine is off. *worked: it got anywhere. */
void sf_machine_step(sf_machine *machine, bool *worked);

/* The process is gone now, as by SIGKILL. */
void sf_machine_kill(sf_machine *machine);

/* The process commits what it has and ends, as by SIGTERM. */
void sf_machine_stop(sf_machine *machine);

/* All tasks that it owns run. */
bool sf_machine_is_running(const sf_machine *machine);

/* Of all its processes. */
sf_streams_counters sf_machine_counters(const sf_machine *machine);

#endif
