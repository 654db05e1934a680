/* equality_application.h - a topology in the whole runtime on "memory:": records appended while it is
 * down, runs until all is processed, crashes in its commits, and what it leaves behind. Failures fail
 * the test. */
#ifndef TESTS_SUPPORT_EQUALITY_APPLICATION_H
#define TESTS_SUPPORT_EQUALITY_APPLICATION_H

#include <stateful/topology.h>

#include "support/equality_history.h"
#include "support/equality_rows.h"

typedef struct equality_application equality_application;

/* With its input and output topics, of so many partitions; the topology is borrowed. Half results and
 * results on close are not held back by the wall clock: it moves by more than their interval whenever
 * it is asked. */
equality_application *equality_application_new(const sf_topology *topology, int32_t partitions);
void equality_application_free(equality_application *application);

/* To the input topics; while it does not run. */
void equality_application_feed(equality_application *application, const equality_arrival *arrivals,
                               size_t count);

/* Starts it, waits until all there is has been processed and committed, stops it. */
void equality_application_run(equality_application *application, int threads);

/* The same, but it dies after that step (1 to 4, see runtime/commit.c) of that commit (1: the first of
 * the start), without another commit: false if all was processed before. */
bool equality_application_crash(equality_application *application, int threads, int step,
                                int commit);

/* Removes its state, while it does not run. */
void equality_application_lose_state(equality_application *application);

/* All committed records of a topic, partition by partition. */
void equality_application_output(equality_application *application, const char *topic,
                                 equality_rows *rows);

/* All rows of a store as its view has them, after a start for that alone. */
void equality_application_store(equality_application *application, const char *store,
                                equality_rows *rows);

#endif
