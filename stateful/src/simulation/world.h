/* world.h - brokers, machines and feeder of a history, and what strikes them.
 *
 * While a process waits in a call, be it for an answer, a pause or because it stands still, the others go
 * on: _init hands that to each machine. One thread.
 */
#ifndef SF_SIMULATION_WORLD_H
#define SF_SIMULATION_WORLD_H

#include "simulation/fault_plan.h"
#include "simulation/feeder.h"
#include "simulation/machine.h"
#include "simulation/oracle.h"

enum { SF_WORLD_MACHINES_MAX = 4 };

#define SF_WORLD_APPLICATION "sim"

/* See recreation.h. */
typedef struct sf_recreation {
    sf_simulated_topic *topic; /* that was made anew; NULL: none */
    int64_t *positions; /* of a changelog, by partition: how far the only machine had all of it */
    uint64_t removals;  /* of states, by that machine until then */
} sf_recreation;

typedef struct sf_world {
    const sf_simulation_subject *subject;
    sf_simulated_cluster cluster;
    sf_random schedule; /* of what is done next */
    sf_feeder *feeder;
    sf_machine machines[SF_WORLD_MACHINES_MAX];
    sf_oracle *oracles[SF_WORLD_MACHINES_MAX];
    char names[SF_WORLD_MACHINES_MAX][24];
    char *directories[SF_WORLD_MACHINES_MAX]; /* NULL: simulated disks */
    size_t machine_count;
    int depth;       /* of calls within which others go on */
    int64_t idle_us; /* how long to let time go on after a round in which nobody got anywhere */
    bool is_quiet;
    sf_recreation recreation;
} sf_world;

typedef struct sf_world_options {
    uint64_t seed;
    size_t machines;
    size_t records;
    sf_config config; /* of the processes */
    sf_simulated_weather weather;
    size_t memory_bytes;   /* of a process, for what its stores keep; 0: as configured */
    bool loads_always;     /* of the processes: see sf_streams_machine */
    const char *directory; /* NULL: simulated disks */
    FILE *trace;
} sf_world_options;

/* Makes topics and machines; none runs. */
void sf_world_init(sf_world *world, const sf_simulation_subject *subject,
                   const sf_world_options *options);
void sf_world_done(sf_world *world);

/* Something happens: records are fed, a machine gets a turn, time goes on; machines whose time has come
 * are switched on. */
void sf_world_act(sf_world *world);

/* A fault of the plan comes about; false: it strikes a machine that is off or busy, and so nothing. */
bool sf_world_strike(sf_world *world, const sf_fault *fault);

/* No more faults: everything is switched on and answers. */
void sf_world_calm(sf_world *world);

/* Each machine gets a turn; *worked: one got anywhere. Then time passes: a little, or more and more while
 * all of them wait. */
void sf_world_round(sf_world *world, bool *worked);

/* Looks at all machines that are in no call. */
void sf_world_look(sf_world *world);

/* Whether everything that was fed is processed and committed. */
bool sf_world_has_caught_up(const sf_world *world, sf_buffer *what_is_left);

#endif
