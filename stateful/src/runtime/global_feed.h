/* global_feed.h - what brings the records of its topic to a global table. The thread that steps all of them
 * (global_tables.h).
 */
#ifndef SF_RUNTIME_GLOBAL_FEED_H
#define SF_RUNTIME_GLOBAL_FEED_H

#include "runtime/global_tables.h"

typedef struct sf_global_feed sf_global_feed;

/* Opens the store of one of the topology's global tables and adds a reader of each partition to the
 * consumer, behind what the store has; what cannot be built upon is cleared. options and consumer are
 * borrowed. SF_STOP: the topic ends before what is stored already. */
sf_status sf_global_feed_open(const sf_global_tables_options *options, size_t global,
                              sf_consumer *consumer, sf_global_feed **feed, sf_error *err);

/* After the consumer. NULL is fine. */
void sf_global_feed_close(sf_global_feed *feed);

/* Takes what has arrived, some thousand records of each partition at most: *taken. */
sf_status sf_global_feed_step(sf_global_feed *feed, uint64_t *taken, sf_error *err);

/* When nothing comes: notes, hourly, that the table is as new as its topic. */
sf_status sf_global_feed_renew(sf_global_feed *feed, sf_error *err);

/* Whether it has all that could be read when it was opened. */
bool sf_global_feed_is_whole(const sf_global_feed *feed);

/* It is whole: others find it from now on. */
sf_status sf_global_feed_publish(sf_global_feed *feed, sf_error *err);

#endif
