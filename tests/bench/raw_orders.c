/* raw_orders.c - what PostgreSQL itself allows, straight through libpq (B7): an order and its outbox row by one prepared
 * statement, so many of them sharing one commit, one after the other on one connection. Nothing is checked or
 * answered, so no service can reach it.
 *
 * raw_orders CONNECTION SHARE SECONDS
 * CONNECTION: as libpq has it ("host=… port=… user=… dbname=…"; PGPASSWORD). Makes the tables raw_orders and raw_outbox
 * anew. Prints one JSON line: orders and orders a second, which are in the tables afterwards.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "support/stopwatch.h"

static const char tables[] = "DROP TABLE IF EXISTS raw_orders, raw_outbox;"
                             "CREATE TABLE raw_orders (id bigserial PRIMARY KEY, customer_id "
                             "bigint, status text, body jsonb);"
                             "CREATE TABLE raw_outbox (id bigserial PRIMARY KEY, aggregate_id "
                             "bigint, type text, payload jsonb)";

static const char insert[] =
    "WITH made AS (INSERT INTO raw_orders (customer_id, status, body)"
    "              VALUES ($1, 'CREATED', $2) RETURNING id)"
    "INSERT INTO raw_outbox (aggregate_id, type, payload) SELECT id, 'OrderCreated', $2 FROM made";

static const char *const values[] = {
    "42",
    "{\"customerId\":42,\"status\":\"CREATED\",\"items\":[{\"productId\":17,\"quantity\":2,"
    "\"price\":500.0,"
    "\"listPrice\":500.0}]}",
};

static void must(PGconn *connection, bool went_well)
{
    if (!went_well) {
        (void)fprintf(stderr, "raw_orders: %s\n", PQerrorMessage(connection));
        exit(1);
    }
}

static void run(PGconn *connection, PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    must(connection, status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK);
    PQclear(result);
}

/* The result of one statement, and the end of its results. */
static void take(PGconn *connection, ExecStatusType wanted)
{
    PGresult *result = PQgetResult(connection);

    must(connection, PQresultStatus(result) == wanted);
    PQclear(result);
    if (wanted != PGRES_PIPELINE_SYNC)
        must(connection, !PQgetResult(connection));
}

/* All statements up to the sync are one transaction. */
static void share_a_commit(PGconn *connection, long share)
{
    for (long i = 0; i < share; i++)
        must(connection, PQsendQueryPrepared(connection, "order", 2, values, NULL, NULL, 0));
    must(connection, PQpipelineSync(connection));
    for (long i = 0; i < share; i++)
        take(connection, PGRES_COMMAND_OK);
    take(connection, PGRES_PIPELINE_SYNC);
}

static long rows_of(PGconn *connection, const char *query)
{
    PGresult *result = PQexec(connection, query);
    long rows;

    must(connection, PQresultStatus(result) == PGRES_TUPLES_OK);
    rows = atol(PQgetvalue(result, 0, 0));
    PQclear(result);
    return rows;
}

int main(int count, char **words)
{
    PGconn *connection;
    stopwatch began;
    long share, orders = 0;
    double seconds, spent;

    if (count != 4) {
        (void)fprintf(stderr, "raw_orders CONNECTION SHARE SECONDS\n");
        return 2;
    }
    share = atol(words[2]);
    seconds = atof(words[3]);
    connection = PQconnectdb(words[1]);
    must(connection, PQstatus(connection) == CONNECTION_OK);
    run(connection, PQexec(connection, tables));
    run(connection, PQprepare(connection, "order", insert, 0, NULL));
    must(connection, PQenterPipelineMode(connection));
    began = stopwatch_now();
    while (stopwatch_since(began).wall_s < seconds) {
        share_a_commit(connection, share);
        orders += share;
    }
    spent = stopwatch_since(began).wall_s;
    must(connection, PQexitPipelineMode(connection));
    if (rows_of(
            connection,
            "SELECT count(*) FROM raw_orders JOIN raw_outbox ON aggregate_id = raw_orders.id") !=
        orders) {
        (void)fprintf(stderr, "raw_orders: the tables do not have the %ld orders\n", orders);
        return 1;
    }
    (void)printf(
        "{\"bench\":\"raw_orders\",\"share\":%ld,\"orders\":%ld,\"orders_per_second\":%.0f}\n",
        share, orders, (double)orders / spent);
    PQfinish(connection);
    return 0;
}
