/* simulation_report.h - how a simulated history is run, and what it led to.
 */
#ifndef STATEFUL_SIMULATION_REPORT_H
#define STATEFUL_SIMULATION_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How one history is run; zero but for the seed is the usual case. */
typedef struct sf_simulation_options {
    uint64_t seed;         /* the whole history: inputs, steps, faults */
    bool without_faults;   /* the same inputs and steps, nothing goes wrong */
    const char *directory; /* state lies in RocksDB below it; NULL: in simulated disks */
    FILE *trace;           /* a line for each thing that happens; NULL: none */
    const bool *left_out;  /* faults of the plan that are not to happen; NULL: all happen */
    size_t left_out_count;
} sf_simulation_options;

/* Faults that a plan has at most. */
enum {
    SF_SIMULATION_FAULTS_MAX = 64,
};

/* Kinds of faults that there are at most; fewer have a name. */
enum {
    SF_SIMULATION_FAULT_KINDS_MAX = 32,
};

/* What a history led to. */
typedef struct sf_simulation_report {
    bool passed;
    char failure[1024];  /* the first difference or broken rule, if not */
    uint64_t trace_hash; /* of all that happened: the same seed gives the same */
    size_t faults;       /* in its plan */
    char fault_texts[SF_SIMULATION_FAULTS_MAX][96];
    uint64_t struck
        [SF_SIMULATION_FAULT_KINDS_MAX]; /* that came about: a machine that is off is spared */
    uint64_t records;                    /* that the inputs came to hold */
    uint64_t processes;                  /* that were started */
    uint64_t commits;
    uint64_t aborts;
    uint64_t rebuilds;
    uint64_t restored; /* changelog records */
    int64_t simulated_ms;
} sf_simulation_report;

/* What the faults of a kind, from 0 on, are called: "kill"; NULL: there is no such kind. Any thread. */
const char *sf_simulation_fault_name(size_t kind);

#ifdef __cplusplus
}
#endif

#endif
