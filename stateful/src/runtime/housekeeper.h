/* housekeeper.h - a thread beside the stream threads that takes away what nobody needs any more:
 *
 *   state of tasks that left this instance, once they have been away for the delay
 *   records of repartition topics that the group has committed to have read
 *
 * What fails is logged and tried again the next time. Any thread, but for what says otherwise.
 */
#ifndef SF_RUNTIME_HOUSEKEEPER_H
#define SF_RUNTIME_HOUSEKEEPER_H

#include <stateful/broker.h>
#include <stateful/clock.h>
#include <stateful/topology.h>

#include "store/state.h"

typedef struct sf_housekeeper sf_housekeeper;

typedef struct sf_housekeeper_options {
    const sf_topology *topology;
    const char *application_id;
    sf_broker *broker;
    sf_state *state;
    sf_clock *clock;
    int64_t cleanup_delay_ms;  /* -1: state stays */
    int64_t purge_interval_ms; /* -1: records stay */
} sf_housekeeper_options;

/* Borrows all of it. */
sf_housekeeper *sf_housekeeper_new(const sf_housekeeper_options *options);
void sf_housekeeper_free(sf_housekeeper *keeper); /* ends its thread; NULL is fine */

sf_status sf_housekeeper_start(sf_housekeeper *keeper, sf_error *err);
void sf_housekeeper_stop(sf_housekeeper *keeper); /* it ends soon; NULL is fine */

/* What the thread does each time; for it and for tests, one at a time. *removed: tasks; *purged:
 * partitions whose beginning moved. */
sf_status sf_housekeeper_clean(sf_housekeeper *keeper, size_t *removed, sf_error *err);
sf_status sf_housekeeper_purge(sf_housekeeper *keeper, size_t *purged, sf_error *err);

#endif
