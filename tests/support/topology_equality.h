/* topology_equality.h - one topology, one input, several ways to run it, one outcome: on the test driver,
 * and through the whole runtime on "memory:" with several partitions, with caching and without, and
 * through crashes after which the state is kept or lost.
 *
 * Why the outcome is defined: a history is cut into parts. A part is there whole before it is processed
 * and is processed whole before the next one comes, so each task chooses its records by timestamp from
 * the same queues in every run, whoever drives it. Keys go to the same partitions (partitioner.h), so
 * tasks see the same records and have the same stream times. What comes over a repartition topic from
 * several tasks may come in any order: topologies with one are subjects whose order is not defined, and
 * what they compute is the same in any order.
 *
 * What is compared: the rows of the stores at the end, after one more start; and of the topic "out"
 * record by record, partition by partition, where the order is defined and nothing is cached, else the
 * last record of each key, where none is the same as a deletion.
 */
#ifndef TESTS_SUPPORT_TOPOLOGY_EQUALITY_H
#define TESTS_SUPPORT_TOPOLOGY_EQUALITY_H

#include <stateful/stateful.h>

#include "support/equality_history.h"

enum { EQUALITY_NAMES_MAX = 5 };

/* Whether timestamps of results are the same too. */
typedef enum equality_times {
    EQUALITY_TIMES_ALWAYS,
    EQUALITY_TIMES_UNCACHED, /* they tell of changes that a cache merges with others */
    EQUALITY_TIMES_NEVER,    /* they tell of the order in which several tasks met */
} equality_times;

typedef struct equality_subject {
    const char *name;
    /* From the inputs to "out". */
    void (*build)(sf_builder *builder, bool is_cached);
    const sf_topology *topology; /* instead of build: borrowed, without "out" */
    const char *inputs[EQUALITY_NAMES_MAX];
    const char *stores[EQUALITY_NAMES_MAX];                     /* that are compared */
    void (*draw)(equality_history *history, sf_random *random); /* NULL: the usual records */
    bool order_is_defined;
    equality_times times;
    bool cache_is_left_out; /* what a cache merges changes what comes out in the end */
    bool zero_is_nothing;   /* a sum of nothing may be there or not */
} equality_subject;

/* For each seed: a history, run in all ways. 3 seeds, TEST_LONG: 100, TEST_SEED=n: that one. Fails with
 * the seed, and if no crash came to happen. */
void equality_check(const equality_subject *subject);

/* Asks for a commit behind every few records of the stream, so that crashes find a part processed in
 * part. A branch of its own: what else is made of the stream does not see it. */
void equality_commit_often(sf_stream *stream);

#endif
