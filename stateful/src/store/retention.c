#include "store/retention.h"

#define SEGMENT_MS_MIN 60000

sf_retention sf_retention_of(const sf_store_options *options)
{
    bool is_versioned = options->kind == SF_VERSIONED_STORE;
    bool is_window = options->kind == SF_WINDOW_STORE;

    return (sf_retention){
        .ms = is_versioned ? options->history_ms : options->retention_ms,
        .is_endless = !is_versioned && options->retention_ms == 0,
        .shows_edge = is_window && !options->in_memory && (options->by_time || options->time_index),
        .keeps_segments = options->kind == SF_SESSION_STORE && !options->in_memory,
        .is_segmented = !is_versioned && !options->in_memory,
    };
}

int64_t sf_retention_first_shown(const sf_retention *retention, int64_t observed_ms)
{
    if (retention->is_endless || observed_ms < retention->ms)
        return 0;
    return observed_ms - retention->ms + (retention->shows_edge ? 0 : 1);
}

static int64_t first_live_segment(const sf_retention *retention, int64_t observed_ms)
{
    int64_t segment_ms = retention->ms / 2;

    if (segment_ms < SEGMENT_MS_MIN)
        segment_ms = SEGMENT_MS_MIN;
    if (retention->is_endless || observed_ms < retention->ms)
        return 0;
    return (observed_ms - retention->ms) / segment_ms * segment_ms;
}

int64_t sf_retention_first_kept(const sf_retention *retention, int64_t observed_ms)
{
    return retention->keeps_segments ? first_live_segment(retention, observed_ms)
                                     : sf_retention_first_shown(retention, observed_ms);
}

bool sf_retention_is_expired(const sf_retention *retention, int64_t observed_ms, int64_t time_ms)
{
    return time_ms < (retention->is_segmented ? first_live_segment(retention, observed_ms)
                                              : sf_retention_first_shown(retention, observed_ms));
}
