/* postgres.c - calls are sent in libpq's pipeline mode with one sync at the end.
 *
 *   1 what lies between two syncs is one implicit transaction, so results count only once the sync
 *     has been answered: until then they are held, and dropped if anything fails
 *   2 after an error in the pipeline the connection is read up to the sync, so that it can be used
 *     again; if that cannot be had in time, it is closed
 *   3 the server's own statement_timeout comes first; our deadline is for a server that is silent
 *   4 a connection is lost before the commit, and surely nothing happened, when that is seen before
 *     anything is sent, or when the server says that it ends it in place of a call's answer: it commits
 *     only at the sync, which comes behind the calls. Otherwise nobody knows
 *   5 what the server says unasked is read before a connection is used: its last words are such
 */
#include "postgres.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include <stateful/clock.h>
#include <stateful/log.h>

#include "base/memory.h"

enum {
    DEFAULT_STATEMENT_TIMEOUT_MS = 5000,
    DEFAULT_LOCK_TIMEOUT_MS = 2000,
    SILENCE_MS = 1000, /* beyond the server's own timeout */
    TRIES_MAX = 4,     /* the first and three more */
};

struct postgres {
    postgres_options options;
    const postgres_statement *statements;
    size_t statement_count;
    PGconn *conn;   /* NULL: not connected */
    bool is_ending; /* the server has said so */
};

/* postgres_rows is a PGresult under another name, so that libpq stays behind this door. */

static PGresult *result_of(const postgres_rows *rows)
{
    return (PGresult *)(void *)rows;
}

postgres *postgres_new(const postgres_options *options, const postgres_statement *statements,
                       size_t statement_count)
{
    postgres *connection = sf_zalloc(sizeof(*connection));

    connection->options = *options;
    connection->statements = statements;
    connection->statement_count = statement_count;
    if (!connection->options.statement_timeout_ms)
        connection->options.statement_timeout_ms = DEFAULT_STATEMENT_TIMEOUT_MS;
    if (!connection->options.lock_timeout_ms)
        connection->options.lock_timeout_ms = DEFAULT_LOCK_TIMEOUT_MS;
    return connection;
}

static void disconnect(postgres *connection)
{
    PQfinish(connection->conn);
    connection->conn = NULL;
}

void postgres_free(postgres *connection)
{
    if (!connection)
        return;
    disconnect(connection);
    free(connection);
}

/* libpq's sentences end with a newline and may have several lines; the first says it. */
static sf_status fail_as_libpq_says(sf_error *err, sf_status reaction, sf_code code,
                                    const char *what, const char *message)
{
    int length = (int)strcspn(message, "\n");

    return sf_fail_with(err, reaction, code, "%s: %.*s", what, length, message);
}

static bool begins_with(const char *text, const char *start)
{
    return !strncmp(text, start, strlen(start));
}

/* Classes of SQLSTATE that mean that the server or the way to it is gone, or it has no room now. */
static bool says_away(const char *sqlstate)
{
    return begins_with(sqlstate, "08") || begins_with(sqlstate, "57P") ||
           begins_with(sqlstate, "53");
}

static bool says_again(const char *sqlstate)
{
    return !strcmp(sqlstate, "40001") || !strcmp(sqlstate, "40P01");
}

static postgres_outcome outcome_of(const char *sqlstate)
{
    if (!sqlstate || says_away(sqlstate))
        return POSTGRES_AWAY;
    if (says_again(sqlstate) || !strcmp(sqlstate, "57014") || !strcmp(sqlstate, "55P03"))
        return POSTGRES_BUSY;
    if (!strcmp(sqlstate, "23505"))
        return POSTGRES_EXISTS;
    if (!strcmp(sqlstate, "23503"))
        return POSTGRES_MISSING;
    return POSTGRES_FAILED;
}

/* What is said unasked; a server that ends connections says so with an error, or, after one of its
 * processes crashed, with a warning. */
static void hear_notice(void *user, const PGresult *notice)
{
    postgres *connection = user;
    const char *sqlstate = PQresultErrorField(notice, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorMessage(notice);

    if (sqlstate && says_away(sqlstate))
        connection->is_ending = true;
    sf_log(SF_LOG_DEBUG, "postgres says message=\"%.*s\"", (int)strcspn(message, "\n"), message);
}

/* The planner chooses by the sizes that tables have when it is asked, and statements are prepared when the
 * service is new: it read a table of a few rows from end to end, and went on so when there were
 * millions. What reads a tiny table or a sequence counts as endlessly dear then, and was compiled each
 * time for half a second. */
#define BY_KEY                                                                            \
    " -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off" \
    " -c enable_mergejoin=off -c enable_memoize=off -c jit=off"

static PGconn *open_connection(const postgres_options *options)
{
    char settings[500];
    const postgres_address *address = &options->address;
    const char *names[] = {"host",
                           "port",
                           "dbname",
                           "user",
                           "password",
                           "options",
                           "connect_timeout",
                           "application_name",
                           "client_encoding",
                           NULL};
    const char *values[] = {
        address->host, address->port, address->database, address->user, address->password,
        settings,      "2",           "command-service", "UTF8",        NULL};

    snprintf(settings, sizeof(settings),
             "-c statement_timeout=%d -c lock_timeout=%d "
             "-c idle_in_transaction_session_timeout=10000 -c synchronous_commit=%s "
             "-c timezone=UTC -c default_transaction_isolation=read\\ committed%s",
             options->statement_timeout_ms, options->lock_timeout_ms,
             options->commits_lazily ? "off" : "on", options->finds_by_key ? BY_KEY : "");
    return PQconnectdbParams(names, values, 0);
}

/* A server that says that password or database are wrong will not change its mind; one that does not
 * answer, or is starting up, will. There is no SQLSTATE to ask for a failed connection. */
static sf_status connect_failure(PGconn *conn, sf_error *err)
{
    const char *message = PQerrorMessage(conn);
    bool is_refused = strstr(message, "authentication failed") ||
                      strstr(message, "does not exist") ||
                      strstr(message, "no password supplied") || strstr(message, "no pg_hba.conf");

    return fail_as_libpq_says(err, is_refused ? SF_STOP : SF_RETRY,
                              is_refused ? SF_INVALID : SF_CLOSED, "cannot connect to PostgreSQL",
                              message);
}

static sf_status prepare_all(postgres *connection, sf_error *err)
{
    for (size_t i = 0; i < connection->statement_count; i++) {
        const postgres_statement *statement = &connection->statements[i];
        PGresult *result = PQprepare(connection->conn, statement->name, statement->sql, 0, NULL);
        const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
        sf_status status = SF_OK;

        if (PQresultStatus(result) != PGRES_COMMAND_OK)
            status = fail_as_libpq_says(
                err, outcome_of(sqlstate) == POSTGRES_FAILED ? SF_STOP : SF_RETRY, SF_INVALID,
                statement->name, PQerrorMessage(connection->conn));
        PQclear(result);
        if (status)
            return status;
    }
    return SF_OK;
}

sf_status postgres_connect(postgres *connection, sf_error *err)
{
    sf_status status;

    disconnect(connection);
    connection->is_ending = false;
    connection->conn = open_connection(&connection->options);
    if (!connection->conn)
        return sf_fail_with(err, SF_RETRY, SF_CLOSED, "cannot connect to PostgreSQL");
    PQsetNoticeReceiver(connection->conn, hear_notice, connection);
    status = PQstatus(connection->conn) == CONNECTION_OK ? prepare_all(connection, err)
                                                         : connect_failure(connection->conn, err);
    if (!status && !PQenterPipelineMode(connection->conn))
        status = sf_fail_with(err, SF_RETRY, SF_CLOSED, "cannot enter the pipeline mode");
    if (status)
        disconnect(connection);
    return status;
}

bool postgres_is_connected(postgres *connection)
{
    struct pollfd one = {.events = POLLIN};

    if (!connection->conn)
        return false;
    one.fd = PQsocket(connection->conn);
    while (!connection->is_ending && poll(&one, 1, 0) > 0) {
        connection->is_ending = !PQconsumeInput(connection->conn);
        (void)PQisBusy(
            connection->conn); /* hands notices on; there is no call that could be busy */
    }
    if (connection->is_ending || PQstatus(connection->conn) != CONNECTION_OK)
        disconnect(connection);
    return connection->conn != NULL;
}

/* Waits until a result can be had without blocking. */
static bool wait_for_result(PGconn *conn, int64_t deadline_us)
{
    while (PQisBusy(conn)) {
        struct pollfd one = {.fd = PQsocket(conn), .events = POLLIN};
        int64_t left_us = deadline_us - sf_clock_monotonic_us(sf_clock_system());

        if (left_us <= 0)
            return false;
        if (poll(&one, 1, (int)(left_us / 1000) + 1) > 0 && !PQconsumeInput(conn))
            return false;
    }
    return true;
}

static bool send_calls(postgres *connection, const postgres_call *calls, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *name = connection->statements[calls[i].statement].name;

        if (!PQsendQueryPrepared(connection->conn, name, calls[i].value_count, calls[i].values,
                                 NULL, NULL, 0))
            return false;
    }
    return PQpipelineSync(connection->conn);
}

/* The first failure of a transaction, kept while the rest of the pipeline is read. */
typedef struct failure {
    bool is_there;
    bool is_before_commit;
    char sqlstate[6];
} failure;

/* name: of the statement that is answered by it; NULL: all were answered. */
static void note_failure(failure *first, const PGresult *result, const char *name, sf_error *err)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);

    if (first->is_there || PQresultStatus(result) == PGRES_PIPELINE_ABORTED)
        return;
    first->is_there = true;
    first->is_before_commit = name && sqlstate; /* libpq's own say nothing of the server */
    snprintf(first->sqlstate, sizeof(first->sqlstate), "%s", sqlstate ? sqlstate : "08006");
    (void)fail_as_libpq_says(err, SF_RETRY, SF_INVALID, name ? name : "commit",
                             PQresultErrorMessage(result));
}

/* Reads up to the sync. False: the connection broke or was silent for too long. */
static bool receive(postgres *connection, postgres_call *calls, size_t count, failure *first,
                    sf_error *err)
{
    int64_t wait_ms = connection->options.statement_timeout_ms + SILENCE_MS;
    size_t done = 0;

    for (;;) {
        int64_t now_us = sf_clock_monotonic_us(sf_clock_system());
        PGresult *result;

        if (!wait_for_result(connection->conn, now_us + wait_ms * 1000))
            return false;
        result = PQgetResult(connection->conn);
        if (!result) { /* the end of one call's results; twice only if the connection is gone */
            if (PQstatus(connection->conn) != CONNECTION_OK)
                return false;
            done++;
            continue;
        }
        switch (PQresultStatus(result)) {
        case PGRES_TUPLES_OK:
        case PGRES_COMMAND_OK:
            calls[done].rows = (postgres_rows *)(void *)result;
            break;
        case PGRES_PIPELINE_SYNC:
            PQclear(result);
            return true;
        default:
            note_failure(first, result,
                         done < count ? connection->statements[calls[done].statement].name : NULL,
                         err);
            PQclear(result);
        }
    }
}

static void drop_rows(postgres_call *calls, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        postgres_rows_free(calls[i].rows);
        calls[i].rows = NULL;
    }
}

static postgres_outcome lose(postgres *connection, const failure *first, sf_error *err)
{
    if (!first->is_before_commit)
        (void)fail_as_libpq_says(err, SF_STOP, SF_CLOSED, "the connection to PostgreSQL was lost",
                                 PQerrorMessage(connection->conn));
    disconnect(connection);
    return POSTGRES_AWAY;
}

postgres_outcome postgres_begin(postgres *connection, const postgres_call *calls, size_t count,
                                sf_error *err)
{
    const failure none = {0};

    if (!postgres_is_connected(connection)) {
        (void)sf_fail_with(err, SF_RETRY, SF_CLOSED, "PostgreSQL is away");
        return POSTGRES_AWAY;
    }
    return send_calls(connection, calls, count) ? POSTGRES_DONE : lose(connection, &none, err);
}

static void forget_rows(postgres_call *calls, size_t count)
{
    for (size_t i = 0; i < count; i++)
        calls[i].rows = NULL;
}

/* *may_repeat: it collided with others, and nothing happened. */
static postgres_outcome end(postgres *connection, postgres_call *calls, size_t count,
                            bool *may_repeat, sf_error *err)
{
    failure first = {0};

    if (!receive(connection, calls, count, &first, err)) {
        drop_rows(calls, count);
        return lose(connection, &first, err);
    }
    *may_repeat = first.is_there && says_again(first.sqlstate);
    if (!first.is_there)
        return POSTGRES_DONE;
    drop_rows(calls, count);
    return outcome_of(first.sqlstate);
}

postgres_outcome postgres_end(postgres *connection, postgres_call *calls, size_t count,
                              sf_error *err)
{
    bool may_repeat;

    forget_rows(calls, count);
    return end(connection, calls, count, &may_repeat, err);
}

postgres_outcome postgres_run(postgres *connection, postgres_call *calls, size_t count,
                              sf_error *err)
{
    for (int tries = 1;; tries++) {
        bool may_repeat = false;
        postgres_outcome outcome;

        forget_rows(calls, count);
        outcome = postgres_begin(connection, calls, count, err);
        if (outcome != POSTGRES_DONE)
            return outcome;
        outcome = end(connection, calls, count, &may_repeat, err);
        if (!may_repeat || tries == TRIES_MAX)
            return outcome;
    }
}

sf_status postgres_script(postgres *connection, const char *sql, postgres_rows **rows,
                          sf_error *err)
{
    PGresult *result;
    sf_status status = SF_OK;
    ExecStatusType how;

    if (!postgres_is_connected(connection) || !PQexitPipelineMode(connection->conn))
        return sf_fail_with(err, SF_RETRY, SF_CLOSED, "PostgreSQL is away");
    result = PQexec(connection->conn, sql);
    how = PQresultStatus(result);
    if (how != PGRES_COMMAND_OK && how != PGRES_TUPLES_OK) {
        postgres_outcome outcome = outcome_of(PQresultErrorField(result, PG_DIAG_SQLSTATE));
        bool may_pass = outcome == POSTGRES_AWAY || outcome == POSTGRES_BUSY;

        status = fail_as_libpq_says(err, may_pass ? SF_RETRY : SF_STOP, SF_INVALID,
                                    "PostgreSQL refused", PQerrorMessage(connection->conn));
    }
    if (PQstatus(connection->conn) != CONNECTION_OK || !PQenterPipelineMode(connection->conn))
        disconnect(connection);
    if (rows && !status)
        *rows = (postgres_rows *)(void *)result;
    else
        PQclear(result);
    return status;
}

void postgres_rows_free(postgres_rows *rows)
{
    PQclear(result_of(rows));
}

int postgres_rows_count(const postgres_rows *rows)
{
    return PQntuples(result_of(rows));
}

int postgres_columns_count(const postgres_rows *rows)
{
    return PQnfields(result_of(rows));
}

bool postgres_is_null(const postgres_rows *rows, int row, int column)
{
    return PQgetisnull(result_of(rows), row, column);
}

const char *postgres_text(const postgres_rows *rows, int row, int column)
{
    return PQgetvalue(result_of(rows), row, column);
}

int64_t postgres_int64(const postgres_rows *rows, int row, int column)
{
    return strtoll(postgres_text(rows, row, column), NULL, 10);
}
