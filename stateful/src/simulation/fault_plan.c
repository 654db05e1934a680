#include "simulation/fault_plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { RECREATED_ONE_IN = 16 }; /* histories */

static int64_t between(sf_random *random, int64_t least, int64_t most)
{
    return least + (int64_t)sf_random_below(random, (uint64_t)(most - least + 1));
}

/* Out of a hundred. */
static const int WEIGHTS[SF_FAULT_KINDS] = {
    [SF_FAULT_KILL] = 23,       [SF_FAULT_STALL] = 15,       [SF_FAULT_LOSE] = 11,
    [SF_FAULT_POWER] = 6,       [SF_FAULT_DISK_LOST] = 4,    [SF_FAULT_DISK_FULL] = 4,
    [SF_FAULT_BROKER_AWAY] = 5, [SF_FAULT_COORDINATORS] = 5, [SF_FAULT_SLOW] = 4,
    [SF_FAULT_COMPACT] = 5,     [SF_FAULT_TRIM] = 2,         [SF_FAULT_STOP] = 8,
    [SF_FAULT_CLOCK] = 2,       [SF_FAULT_TIME] = 2,         [SF_FAULT_DAYS] = 2,
    [SF_FAULT_DISK_BAD] = 2,
};

static sf_fault_kind draw_kind(sf_random *random)
{
    int left = (int)sf_random_below(random, 100);
    int kind = 0;

    while (kind < SF_FAULT_KINDS - 1 && left >= WEIGHTS[kind])
        left -= WEIGHTS[kind++];
    return (sf_fault_kind)kind;
}

/* A moment, or beyond one of the limits that brokers know: heartbeat, session, transaction. */
static int64_t draw_stall(sf_random *random)
{
    static const int64_t lengths[] = {30, 700, 7000, 13000};
    int64_t least = lengths[sf_random_below(random, 4)];

    return between(random, least, 2 * least);
}

static int64_t draw_length(sf_random *random, sf_fault_kind kind)
{
    switch (kind) {
    case SF_FAULT_STALL:
        return draw_stall(random);
    case SF_FAULT_BROKER_AWAY:
    case SF_FAULT_COORDINATORS: /* longer than a session, a hand-over, most transactions; or not */
        return sf_random_below(random, 4) ? between(random, 20, 3000)
                                          : between(random, 4000, 15000);
    case SF_FAULT_SLOW:
        return between(random, 20, 800);
    case SF_FAULT_CLOCK:
        return between(random, -3600 * 1000, 3600 * 1000);
    case SF_FAULT_TIME:
        return between(random, 1000, 60000);
    case SF_FAULT_DAYS:
        return between(random, 2, 10) * 24 * 3600 * 1000;
    default: /* how long the machine is off: shorter than a session, or longer */
        return sf_random_below(random, 3) ? between(random, 1, 1500) : between(random, 5000, 9000);
    }
}

static int by_step(const void *a, const void *b)
{
    const sf_fault *one = a;
    const sf_fault *other = b;

    if (one->at != other->at)
        return one->at < other->at ? -1 : 1;
    if (one->kind != other->kind)
        return one->kind < other->kind ? -1 : 1;
    if (one->machine != other->machine)
        return one->machine < other->machine ? -1 : 1;
    return one->calls - other->calls;
}

void sf_fault_plan_draw(sf_fault_plan *plan, sf_random *random, size_t steps, size_t machines)
{
    size_t most = (size_t)between(random, 1, sf_random_below(random, 4) ? 8 : 24);

    *plan = (sf_fault_plan){.count = most};
    for (size_t i = 0; i < most; i++) {
        sf_fault *fault = &plan->faults[i];

        fault->kind = draw_kind(random);
        fault->at = (size_t)sf_random_below(random, steps);
        fault->machine = (size_t)sf_random_below(random, machines);
        fault->after = sf_random_below(random, 2);
        fault->calls = (int)sf_random_below(random, sf_random_below(random, 3) ? 12 : 60);
        fault->ms = draw_length(random, fault->kind);
    }
    qsort(plan->faults, plan->count, sizeof(plan->faults[0]), by_step);
}

void sf_fault_plan_draw_rare(sf_fault_plan *plan, sf_random *random, size_t steps)
{
    if (sf_random_below(random, RECREATED_ONE_IN))
        return;
    plan->faults[plan->count++] = (sf_fault){
        .kind = SF_FAULT_RECREATE,
        .at = (size_t)sf_random_below(random, steps),
        .calls = (int)sf_random_below(random, 60),
        .after = sf_random_below(random, 2),
    };
    qsort(plan->faults, plan->count, sizeof(plan->faults[0]), by_step);
}

const char *sf_fault_kind_name(sf_fault_kind kind)
{
    static const char *const names[SF_FAULT_KINDS] = {
        [SF_FAULT_KILL] = "kill",
        [SF_FAULT_STALL] = "stall",
        [SF_FAULT_LOSE] = "lost answers",
        [SF_FAULT_POWER] = "power cut",
        [SF_FAULT_DISK_LOST] = "disk lost",
        [SF_FAULT_DISK_FULL] = "disk full",
        [SF_FAULT_BROKER_AWAY] = "brokers away",
        [SF_FAULT_COORDINATORS] = "coordinators moved",
        [SF_FAULT_SLOW] = "no fetches",
        [SF_FAULT_COMPACT] = "compaction",
        [SF_FAULT_TRIM] = "trimming",
        [SF_FAULT_STOP] = "stop",
        [SF_FAULT_CLOCK] = "clock jump",
        [SF_FAULT_TIME] = "standstill",
        [SF_FAULT_DAYS] = "days asleep",
        [SF_FAULT_DISK_BAD] = "failed read",
        [SF_FAULT_RECREATE] = "topic made anew",
    };

    return names[kind];
}

void sf_fault_print(const sf_fault *fault, char *text, size_t size)
{
    int used = snprintf(text, size, "step %zu: ", fault->at);
    char *to = text + used;
    size_t left = size - (size_t)used;
    long long ms = (long long)fault->ms;

    switch (fault->kind) {
    case SF_FAULT_KILL:
        snprintf(to, left, "machine %zu is killed %s call %d from then, off for %lld ms",
                 fault->machine, fault->after ? "after" : "before", fault->calls + 1, ms);
        break;
    case SF_FAULT_STALL:
        snprintf(to, left, "machine %zu stands still in call %d from then, for %lld ms",
                 fault->machine, fault->calls + 1, ms);
        break;
    case SF_FAULT_LOSE:
        snprintf(to, left, "machine %zu gets no answers from call %d on", fault->machine,
                 fault->calls + 1);
        break;
    case SF_FAULT_POWER:
        snprintf(to, left, "machine %zu loses its power, off for %lld ms", fault->machine, ms);
        break;
    case SF_FAULT_DISK_LOST:
        snprintf(to, left, "machine %zu loses its disk, off for %lld ms", fault->machine, ms);
        break;
    case SF_FAULT_DISK_FULL:
        snprintf(to, left, "the disk of machine %zu refuses %d writes", fault->machine,
                 1 + fault->calls % 3);
        break;
    case SF_FAULT_BROKER_AWAY:
        snprintf(to, left, "the brokers are away for %lld ms", ms);
        break;
    case SF_FAULT_COORDINATORS:
        snprintf(to, left, "coordinators move, which takes %lld ms", ms);
        break;
    case SF_FAULT_SLOW:
        snprintf(to, left, "nothing is fetched for %lld ms", ms);
        break;
    case SF_FAULT_COMPACT:
        snprintf(to, left, "changelogs are compacted");
        break;
    case SF_FAULT_TRIM:
        snprintf(to, left, "changelogs are cut up to what is needed");
        break;
    case SF_FAULT_DAYS:
        snprintf(to, left, "everything sleeps for %lld ms, then changelogs are compacted", ms);
        break;
    case SF_FAULT_DISK_BAD:
        snprintf(to, left, "a read of machine %zu fails after %d others", fault->machine,
                 fault->calls);
        break;
    case SF_FAULT_STOP:
        snprintf(to, left, "machine %zu is stopped, off for %lld ms", fault->machine, ms);
        break;
    case SF_FAULT_CLOCK:
        snprintf(to, left, "the clock of machine %zu jumps by %lld ms", fault->machine, ms);
        break;
    case SF_FAULT_TIME:
        snprintf(to, left, "everything stands still for %lld ms", ms);
        break;
    case SF_FAULT_RECREATE:
        snprintf(to, left, "topic %d of the application is deleted and made anew", fault->calls);
        break;
    case SF_FAULT_KINDS:
        break;
    }
}
