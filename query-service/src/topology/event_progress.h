/* event_progress.h - how far the events of this instance's partitions are processed: the time of the
 * newest one. Any thread. */
#ifndef QUERY_SERVICE_TOPOLOGY_EVENT_PROGRESS_H
#define QUERY_SERVICE_TOPOLOGY_EVENT_PROGRESS_H

#include <stdatomic.h>
#include <stdint.h>

/* Zero: nothing was processed yet. */
typedef struct event_progress {
    _Atomic int64_t newest_ms;
} event_progress;

/* An event of that time was processed. */
void event_progress_note(event_progress *progress, int64_t time_ms);

/* 0 before the first event. */
int64_t event_progress_newest(const event_progress *progress);

#endif
