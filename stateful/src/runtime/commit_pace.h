/* commit_pace.h - how soon an idle thread may commit again.
 *
 * A record is seen when its commit is over, so an idle thread commits at once; but records that keep coming one
 * at a time must not make it spend its time on commits. So each commit is paid for by three times as long
 * without one: a quarter of the time, at most, goes into them. Some may be owed, since a record often needs
 * several commits in a row until all that follows from it is there, one for each repartition topic on its
 * way. That is a leaky bucket as ATM networks police their cells with (ITU-T I.371, GCRA). What slow
 * commits owe beyond that is forgiven, so that they are not held against quick ones later. One thread.
 */
#ifndef SF_RUNTIME_COMMIT_PACE_H
#define SF_RUNTIME_COMMIT_PACE_H

#include <stateful/config.h>

typedef struct sf_commit_pace {
    int64_t ended_us; /* monotonic time of the last commit's end; 0: there was none */
    int64_t paid_us;  /* when all commits so far are paid for */
} sf_commit_pace;

void sf_commit_pace_add(sf_commit_pace *pace, int64_t began_us, int64_t ended_us);

/* How long until an idle thread may commit, in microseconds; 0: now. commit_min_interval_ms, if it is set,
 * counts alone; otherwise it is never longer than 10 ms after the last commit, nor than commit_interval_ms. */
int64_t sf_commit_pace_idle_wait_us(const sf_commit_pace *pace, const sf_config *config,
                                    int64_t now_us);

#endif
