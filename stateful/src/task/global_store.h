/* global_store.h - a topic that the instance keeps whole, outside of tasks: its rows go to a store that
 * every task may read, with the positions they came from in the same batch.
 *
 * The runtime (or the test driver) brings the records. Partitions of the topic share the store, and
 * what is committed there can be read by any thread (store/registry.h) once it is published.
 * Everything else is for one thread.
 */
#ifndef SF_TASK_GLOBAL_STORE_H
#define SF_TASK_GLOBAL_STORE_H

#include <stateful/clock.h>
#include <stateful/topology.h>

#include "record/record_batch.h"
#include "store/task_stores.h"

typedef struct sf_global_store sf_global_store;

typedef struct sf_global_store_options {
    const sf_topology *topology;
    size_t global;      /* which of its global tables */
    int32_t partitions; /* of the topic */
    sf_state *state;
    sf_clock *clock;
} sf_global_store_options;

/* Opens the store and reads how far it is. What the options point to is borrowed and outlives it. */
sf_status sf_global_store_open(const sf_global_store_options *options, sf_global_store **store,
                               sf_error *err);

/* Nobody finds it any more; those who have it go on reading. NULL is fine. */
void sf_global_store_close(sf_global_store *store);

const char *sf_global_store_topic(const sf_global_store *store);
int32_t sf_global_store_partitions(const sf_global_store *store);

/* The next offset to take, -1: nothing was taken yet. */
int64_t sf_global_store_position(const sf_global_store *store, int32_t partition);

/* Wall clock of the last batch, ms, -1: none. */
int64_t sf_global_store_written_ms(const sf_global_store *store);

/* Takes the batch; records and position are written at once. Records without key are dropped; one that
 * makes no sense goes by its source's policy, but is never a dead letter: that is a skip. */
sf_status sf_global_store_take(sf_global_store *store, int32_t partition, sf_record_batch *batch,
                               sf_error *err);

/* The position alone (behind markers), and that the store is as new as its topic. */
sf_status sf_global_store_reached(sf_global_store *store, int32_t partition, int64_t position,
                                  sf_error *err);

/* Empties it before it is read from the beginning. */
sf_status sf_global_store_clear(sf_global_store *store, sf_error *err);

/* From now on others may read it. */
void sf_global_store_publish(sf_global_store *store);

/* The store as such, for tests. */
sf_store *sf_global_store_rows(const sf_global_store *store);

typedef struct sf_global_counters {
    uint64_t taken;   /* records */
    uint64_t dropped; /* without key */
    uint64_t skipped; /* made no sense */
} sf_global_counters;

const sf_global_counters *sf_global_store_counters(const sf_global_store *store);

#endif
