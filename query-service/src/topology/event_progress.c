#include "topology/event_progress.h"

void event_progress_note(event_progress *progress, int64_t time_ms)
{
    int64_t newest = atomic_load_explicit(&progress->newest_ms, memory_order_relaxed);

    while (time_ms > newest &&
           !atomic_compare_exchange_weak_explicit(&progress->newest_ms, &newest, time_ms,
                                                  memory_order_relaxed, memory_order_relaxed))
        continue;
}

int64_t event_progress_newest(const event_progress *progress)
{
    return atomic_load_explicit(&progress->newest_ms, memory_order_relaxed);
}
