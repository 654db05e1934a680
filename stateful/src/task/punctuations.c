#include "task/punctuations.h"

static void forget_cancelled(sf_pipeline_context *pipeline)
{
    sf_punctuation **at = &pipeline->punctuations;

    while (*at) {
        if ((*at)->is_cancelled)
            *at = (*at)->next;
        else
            at = &(*at)->next;
    }
}

sf_punctuation *sf_punctuations_take_due(sf_pipeline_context *pipeline, sf_schedule_clock clock,
                                         int64_t time)
{
    forget_cancelled(pipeline);
    for (sf_punctuation *at = pipeline->punctuations; at; at = at->next) {
        int64_t interval = at->schedule.interval_ms;

        if (at->schedule.clock != clock || at->due > time)
            continue;
        at->due += ((time - at->due) / interval + 1) * interval;
        return at;
    }
    return NULL;
}
