/* database_watch.h - what the workers of the pool see of the database, together: how many have a
 * connection, who waits for an answer and since when, and what the circuit breaker makes of it.
 *
 *   1 a lost call counts against the database; a connection that was found dead does not, nor one that
 *     cannot be made while others are there
 *   2 it is held to be away when nobody has a connection any more, when several calls in a row were
 *     lost, or when one is without an answer for too long
 *   3 any answer, and any new connection, says that it is there
 *
 * It has no lock: whoever owns it does. Opening and closing is logged.
 */
#ifndef COMMAND_SERVICE_DATABASE_WATCH_H
#define COMMAND_SERVICE_DATABASE_WATCH_H

#include <stddef.h>
#include <stdint.h>

#include "circuit_breaker.h"
#include "postgres.h"

/* One worker as it is seen. */
typedef struct watched_worker {
    bool is_connected;
    int64_t asked_since_us; /* a call or an attempt to connect is under way; 0: none */
} watched_worker;

typedef struct database_watch {
    circuit_breaker breaker;
    watched_worker *workers;
    unsigned worker_count;
    unsigned connected;
} database_watch;

void database_watch_init(database_watch *watch, unsigned worker_count);
void database_watch_done(database_watch *watch);

/* Whether to ask it at all. */
bool database_watch_allows(const database_watch *watch);

void database_watch_begin(database_watch *watch, unsigned worker, int64_t now_us);

/* The call has ended; err says of POSTGRES_AWAY whether anything was sent. */
void database_watch_end(database_watch *watch, unsigned worker, postgres_outcome outcome,
                        const sf_error *err);

/* An attempt to connect has ended. */
void database_watch_end_connecting(database_watch *watch, unsigned worker, bool is_connected);

/* A worker ends. */
void database_watch_leave(database_watch *watch, unsigned worker);

/* Looks for calls without an answer for too long; true when that is news. */
bool database_watch_finds_silence(database_watch *watch, int64_t now_us);

#endif
