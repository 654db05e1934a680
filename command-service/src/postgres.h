/* postgres.h - the only door to libpq: a connection, prepared statements, and several calls that
 * share one transaction and one round trip.
 *
 * A connection belongs to one thread. It is lost and found again without its owner being freed:
 * whoever uses it asks postgres_is_connected and calls postgres_connect.
 */
#ifndef COMMAND_SERVICE_POSTGRES_H
#define COMMAND_SERVICE_POSTGRES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stateful/error.h>

typedef struct postgres postgres;
typedef struct postgres_rows postgres_rows;

typedef struct postgres_address {
    const char *host; /* a name, an address, or the directory of a socket */
    const char *port;
    const char *database;
    const char *user;
    const char *password; /* NULL: none */
} postgres_address;

typedef struct postgres_options {
    postgres_address address;
    int32_t statement_timeout_ms; /* 0: 5,000 */
    int32_t lock_timeout_ms;      /* 0: 2,000 */
    bool commits_lazily;          /* the newest commits may be lost with the server's machine */
    bool
        finds_by_key; /* every statement finds its rows by an index, so the plan that is made once, while
                        * tables are empty, is the one for large tables */
} postgres_options;

/* What the server is asked again and again; prepared whenever the connection is made. */
typedef struct postgres_statement {
    const char *name;
    const char *sql;
    bool takes_many; /* see shared_calls.h */
} postgres_statement;

/* What became of a transaction. */
typedef enum postgres_outcome {
    POSTGRES_DONE,
    POSTGRES_EXISTS,  /* 23505: there is one like it already */
    POSTGRES_MISSING, /* 23503: what it refers to is not there */
    POSTGRES_BUSY,    /* took too long, or collided with others again and again; nothing happened */
    POSTGRES_AWAY,    /* no connection; unless err says SF_RETRY nobody knows what happened */
    POSTGRES_FAILED,  /* the statement or its values are wrong: our mistake */
} postgres_outcome;

/* All texts are borrowed until postgres_free. Nothing is contacted yet. */
postgres *postgres_new(const postgres_options *options, const postgres_statement *statements,
                       size_t statement_count);
void postgres_free(postgres *connection); /* NULL is fine */

/* (Re)connects and prepares, within about two seconds. SF_RETRY: the server is away or not ready;
 * SF_STOP: it refuses us (password, database) or a statement. */
sf_status postgres_connect(postgres *connection, sf_error *err);

/* Whether it is still there, as far as the socket and the server's last words tell; no round trip. */
bool postgres_is_connected(postgres *connection);

typedef struct postgres_call {
    size_t statement;          /* index into the statements */
    const char *const *values; /* as texts, NULL for null */
    int value_count;
    postgres_rows *rows; /* out, on POSTGRES_DONE; freed by the caller */
} postgres_call;

/* Runs the calls in order as one transaction: all of it counts, or nothing. Serialization failures
 * and deadlocks are tried again, three times at most. Without calls it only asks whether the server
 * answers. */
postgres_outcome postgres_run(postgres *connection, postgres_call *calls, size_t count,
                              sf_error *err);

/* The same in two steps, so that the server works while the caller does something else. Between them
 * nothing else is asked of the connection, and values may go. _begin fails when there is no connection;
 * _end is due only after it went well. Nothing is tried again. */
postgres_outcome postgres_begin(postgres *connection, const postgres_call *calls, size_t count,
                                sf_error *err);
postgres_outcome postgres_end(postgres *connection, postgres_call *calls, size_t count,
                              sf_error *err);

/* Runs SQL that need not be fast, several statements at will (then they share a transaction unless
 * they say otherwise); rows (may be NULL) are those of the last. SF_RETRY: the server is away or busy;
 * SF_STOP: it refused. */
sf_status postgres_script(postgres *connection, const char *sql, postgres_rows **rows,
                          sf_error *err);

void postgres_rows_free(postgres_rows *rows); /* NULL is fine */
int postgres_rows_count(const postgres_rows *rows);
int postgres_columns_count(const postgres_rows *rows);
bool postgres_is_null(const postgres_rows *rows, int row, int column);

/* The value as a text, "" for null; valid as long as the rows. */
const char *postgres_text(const postgres_rows *rows, int row, int column);

/* The value as a number, 0 for null. */
int64_t postgres_int64(const postgres_rows *rows, int row, int column);

#endif
