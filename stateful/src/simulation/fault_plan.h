/* fault_plan.h - what is to go wrong in a history, drawn before it begins, so that it can be run again
 * with some of it left out. One thread. */
#ifndef SF_SIMULATION_FAULT_PLAN_H
#define SF_SIMULATION_FAULT_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"

typedef enum sf_fault_kind {
    SF_FAULT_KILL,         /* a process, before or after one of its next calls or writes */
    SF_FAULT_STALL,        /* a process stands still within a call, and goes on */
    SF_FAULT_LOSE,         /* some calls of a process get no answer */
    SF_FAULT_POWER,        /* a machine loses its power, and what was not synced */
    SF_FAULT_DISK_LOST,    /* a machine comes back with an empty disk */
    SF_FAULT_DISK_FULL,    /* some writes fail */
    SF_FAULT_BROKER_AWAY,  /* no call is answered for a while */
    SF_FAULT_COORDINATORS, /* they move */
    SF_FAULT_SLOW,         /* nothing is fetched for a while */
    SF_FAULT_COMPACT,      /* changelogs are compacted up to somewhere */
    SF_FAULT_TRIM,         /* what nobody needs of changelogs any more is cut off */
    SF_FAULT_STOP,         /* a process is stopped in good order, and started again later */
    SF_FAULT_CLOCK,        /* the wall clock of a machine jumps */
    SF_FAULT_TIME,         /* everything stands still for long */
    SF_FAULT_DAYS,         /* for days, as machines that sleep; deletions may be compacted away */
    SF_FAULT_DISK_BAD,     /* a read fails */
    SF_FAULT_RECREATE,     /* a topic is deleted and made anew */
    SF_FAULT_KINDS,
} sf_fault_kind;

typedef struct sf_fault {
    sf_fault_kind kind;
    size_t at;      /* the step of the history */
    size_t machine; /* whom it strikes, if it strikes one */
    bool
        after; /* the call that is struck was done; a topic made anew: waits until that can be judged */
    int calls;  /* until the one that is struck; how many fail */
    int64_t ms; /* how long it lasts, or how long the machine is off */
    bool is_left_out;
} sf_fault;

enum { SF_FAULT_PLAN_MAX = 64 };

typedef struct sf_fault_plan {
    sf_fault faults[SF_FAULT_PLAN_MAX]; /* by step */
    size_t count;
} sf_fault_plan;

void sf_fault_plan_draw(sf_fault_plan *plan, sf_random *random, size_t steps, size_t machines);

/* Adds what befalls few histories, drawn by itself: the others stay what they are. */
void sf_fault_plan_draw_rare(sf_fault_plan *plan, sf_random *random, size_t steps);

/* What the kind is called, a word or two. */
const char *sf_fault_kind_name(sf_fault_kind kind);

/* "at 120: machine 1 is killed before its 7th call from then" */
void sf_fault_print(const sf_fault *fault, char *text, size_t size);

#endif
