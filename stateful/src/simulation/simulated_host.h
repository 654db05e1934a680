/* simulated_host.h - one process as the world sees it: it can be killed at any call, stand still, or get
 * no answer.
 *
 * A killed process goes on executing here, since its stack cannot be thrown away, but it reaches nobody:
 * each call fails, nothing it does has an effect, and no callback reaches it. One thread.
 */
#ifndef SF_SIMULATION_SIMULATED_HOST_H
#define SF_SIMULATION_SIMULATED_HOST_H

#include "broker/broker_implementation.h"
#include "simulation/simulated_cluster.h"

typedef struct sf_simulated_host sf_simulated_host;

/* What strikes a process at one of its next calls. */
typedef enum sf_strike {
    SF_STRIKE_NONE,
    SF_STRIKE_KILL,       /* before the call had any effect */
    SF_STRIKE_KILL_AFTER, /* after it had */
    SF_STRIKE_STALL,      /* the whole process stands still, heartbeats too, and then goes on */
    SF_STRIKE_LOSE,       /* some calls get no answer */
} sf_strike;

struct sf_simulated_host {
    sf_broker broker; /* first: what the process is given for one */
    sf_clock clock;   /* what it is given for one */
    sf_simulated_cluster *cluster;
    char *client_id;
    int64_t wall_skew_ms; /* of its wall clock */
    bool is_dead;
    bool is_stalled;

    sf_strike strike;
    int strike_in;         /* calls from now */
    int64_t strike_for_ms; /* of a stall */
    int losing;            /* calls that get no answer from now on */
    size_t records;        /* that were read and are still held */

    /* Lets others go on while this one waits for so long; the time passes by itself. NULL: nobody. */
    void (*meanwhile)(void *user, sf_simulated_host *host, int64_t ms);
    void *user;
};

/* ops: what its broker's calls do (simulated_broker.h). The cluster outlives it. */
void sf_simulated_host_init(sf_simulated_host *host, const sf_broker_ops *ops,
                            sf_simulated_cluster *cluster, const char *client_id);
void sf_simulated_host_done(sf_simulated_host *host);

typedef enum sf_call_fate {
    SF_CALL_FINE,
    SF_CALL_LOST,       /* nothing happened, no answer */
    SF_CALL_UNANSWERED, /* it is to happen, but no answer comes */
} sf_call_fate;

/* Each call to a broker asks first; coordinator: one to a coordinator. */
sf_call_fate sf_simulated_host_call(sf_simulated_host *host, bool coordinator);

/* The failure of a call without an answer. */
sf_status sf_simulated_host_no_answer(const sf_simulated_host *host, sf_error *err);

/* The process waits; others go on. */
void sf_simulated_host_wait(sf_simulated_host *host, int64_t ms);

/* Whether a write to its disk happens, is lost with the process, or happens and then the process dies:
 * FINE, LOST, UNANSWERED. */
sf_call_fate sf_simulated_host_write(sf_simulated_host *host);

#endif
