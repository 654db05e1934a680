/* global_feed.h - what brings the records of its topic to a global table. The thread that steps all of them
 * (global_tables.h).
 */
#ifndef SF_RUNTIME_GLOBAL_FEED_H
#define SF_RUNTIME_GLOBAL_FEED_H

#include <stateful/broker.h>
#include <stateful/restore_progress.h>

#include "runtime/retry.h"
#include "task/global_store.h"

typedef struct sf_global_feed sf_global_feed;

typedef struct sf_global_feed_options {
    sf_global_store_options store;
    sf_broker *broker;
    sf_consumer *consumer;               /* gets a reader of each partition */
    sf_retry_policy retry;               /* for a broker that is away when it is opened */
    const sf_restore_listener *listener; /* hears of what is read before others find the table */
} sf_global_feed_options;

/* Opens the store and begins to read behind what it has; what cannot be built upon is cleared. Everything
 * in options is borrowed. SF_STOP: the topic ends before what is stored already. */
sf_status sf_global_feed_open(const sf_global_feed_options *options, sf_global_feed **feed,
                              sf_error *err);

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
