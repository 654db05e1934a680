/* global_tables.h - the global tables of an application: read whole before anything is processed, then
 * followed by a thread of their own. It only reads, outside of group and transactions.
 *
 * Like a stream thread it is a step that somebody calls: a real thread (_start), a test, a simulator.
 * One thread at a time, but for what says otherwise.
 */
#ifndef SF_RUNTIME_GLOBAL_TABLES_H
#define SF_RUNTIME_GLOBAL_TABLES_H

#include <stateful/config.h>
#include <stateful/restore_progress.h>

#include "runtime/retry.h"
#include "task/global_store.h"

typedef struct sf_global_tables sf_global_tables;

typedef struct sf_global_tables_options {
    const sf_topology *topology;
    const int32_t *counts; /* partitions of the topology's topics */
    sf_broker *broker;
    sf_state *state;
    sf_clock *clock;
    sf_retry_policy retry; /* for a broker that is away; its stopping ends the thread */
    const sf_restore_listener *listener; /* hears of what is read before others find the tables */
    void (*failed)(void *user, const sf_error *error); /* on the thread, at its end */
    void *user;
} sf_global_tables_options;

/* Opens the stores and finds where their topics are to be read: what cannot be built upon is cleared.
 * Everything in options is borrowed. SF_STOP: a topic ends before what is stored already. */
sf_status sf_global_tables_open(const sf_global_tables_options *options, sf_global_tables **tables,
                                sf_error *err);

/* After all that read them. NULL is fine. */
void sf_global_tables_close(sf_global_tables *tables);

/* Reads up to where the topics were at the opening, then others find the stores. Gives up when nothing
 * has come for as long as the policy says. */
sf_status sf_global_tables_restore(sf_global_tables *tables, sf_error *err);

/* Takes what has arrived; *worked tells whether anything had. A failure is the end. */
sf_status sf_global_tables_step(sf_global_tables *tables, bool *worked, sf_error *err);

/* Until something may have arrived. */
void sf_global_tables_wait(sf_global_tables *tables);

/* A thread that steps until it is told to stop. */
sf_status sf_global_tables_start(sf_global_tables *tables, sf_error *err);

/* After the policy's stopping was set: ends a wait. Any thread. */
void sf_global_tables_wake(sf_global_tables *tables);

/* Waits for the end of the thread, at most so long (-1: no limit); whether it has ended, or never
 * began. */
bool sf_global_tables_join(sf_global_tables *tables, int64_t timeout_ms);

/* Records taken since the opening. Any thread. */
uint64_t sf_global_tables_taken(const sf_global_tables *tables);

#endif
