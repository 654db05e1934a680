/* streams_control.c - what is done with an application while it runs, or said to it before: failures,
 * pauses, who is told of restores. */
#include <stateful/log.h>

#include "runtime/streams_implementation.h"

/* ---- before the start ---- */

void sf_streams_set_failure_handler(sf_streams *streams, sf_failure_fn fn, void *user)
{
    streams->on_failure = fn;
    streams->failure_user = user;
}

void sf_streams_set_restore_listener(sf_streams *streams, const sf_restore_listener *listener)
{
    streams->restore_listener = *listener;
}

/* ---- pause ---- */

void sf_streams_pause(sf_streams *streams)
{
    if (!atomic_exchange(&streams->paused, true))
        sf_log(SF_LOG_INFO, "application paused application=%s", streams->config.application_id);
}

void sf_streams_resume(sf_streams *streams)
{
    if (atomic_exchange(&streams->paused, false))
        sf_log(SF_LOG_INFO, "application goes on application=%s", streams->config.application_id);
}

bool sf_streams_is_paused(const sf_streams *streams)
{
    return atomic_load(&streams->paused);
}
