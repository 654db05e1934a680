#include "outbox_upkeep.h"

#include <string.h>

#include "base/memory.h"

bool outbox_upkeep_knows(const char *aggregate_type)
{
    static const char *const types[] = {"product", "customer", "order"};

    for (size_t i = 0; i < SF_ARRAY_LENGTH(types); i++)
        if (!strcmp(types[i], aggregate_type))
            return true;
    return false;
}

sf_status outbox_upkeep_print(postgres *connection, FILE *out, sf_error *err)
{
    postgres_rows *rows = NULL;
    sf_status status =
        postgres_script(connection,
                        "SELECT aggregate_type,"
                        "       count(*) FILTER (WHERE state = 'pending'),"
                        "       count(*) FILTER (WHERE state = 'published'),"
                        "       count(*) FILTER (WHERE state = 'failed'),"
                        "       coalesce(round(extract(epoch FROM clock_timestamp() -"
                        "           min(occurred_at) FILTER (WHERE state = 'pending'))), 0)"
                        "  FROM event_states GROUP BY aggregate_type ORDER BY aggregate_type",
                        &rows, err);

    if (status)
        return status;
    fprintf(out, "%-12s %10s %10s %10s %18s\n", "aggregate", "pending", "published", "failed",
            "oldest pending, s");
    for (int row = 0; row < postgres_rows_count(rows); row++)
        fprintf(out, "%-12s %10s %10s %10s %18s\n", postgres_text(rows, row, 0),
                postgres_text(rows, row, 1), postgres_text(rows, row, 2),
                postgres_text(rows, row, 3), postgres_text(rows, row, 4));
    postgres_rows_free(rows);
    return SF_OK;
}

sf_status outbox_upkeep_print_failed(postgres *connection, FILE *out, sf_error *err)
{
    postgres_rows *rows = NULL;
    sf_status status =
        postgres_script(connection,
                        "SELECT id, aggregate_type, aggregate_id, version, event_type, failure,"
                        "       (SELECT count(*) FROM event_states held"
                        "         WHERE held.state = 'pending'"
                        "           AND held.aggregate_type = failed.aggregate_type"
                        "           AND held.aggregate_id = failed.aggregate_id)"
                        "  FROM event_states failed WHERE state = 'failed' ORDER BY id",
                        &rows, err);

    if (status)
        return status;
    for (int row = 0; row < postgres_rows_count(rows); row++)
        fprintf(out, "event %s  %s/%s version %s  %s: %s; %s held behind it\n",
                postgres_text(rows, row, 0), postgres_text(rows, row, 1),
                postgres_text(rows, row, 2), postgres_text(rows, row, 3),
                postgres_text(rows, row, 4), postgres_text(rows, row, 5),
                postgres_text(rows, row, 6));
    if (!postgres_rows_count(rows))
        fprintf(out, "no event has failed\n");
    postgres_rows_free(rows);
    return SF_OK;
}

/* Runs a statement that returns how many rows it changed. */
static sf_status run_counting(postgres *connection, const char *sql, int64_t *count, sf_error *err)
{
    postgres_rows *rows = NULL;
    sf_status status = postgres_script(connection, sql, &rows, err);

    if (!status)
        *count = postgres_int64(rows, 0, 0);
    postgres_rows_free(rows);
    return status;
}

sf_status outbox_upkeep_retry(postgres *connection, int64_t id, int64_t *count, sf_error *err)
{
    char sql[512];
    char which[48] = "";
    sf_status status;

    if (id)
        snprintf(which, sizeof(which), " AND id = %lld", (long long)id);
    snprintf(sql, sizeof(sql),
             "WITH failed AS (DELETE FROM outbox_stopped WHERE failure IS NOT NULL%s"
             " RETURNING *),"
             " held AS (DELETE FROM outbox_stopped held USING failed"
             "          WHERE held.failure IS NULL"
             "            AND held.aggregate_type = failed.aggregate_type"
             "            AND held.aggregate_id = failed.aggregate_id RETURNING held.id),"
             " again AS (SELECT id FROM failed UNION ALL SELECT id FROM held)"
             "SELECT (SELECT count(*) FROM failed), enter_again(array_agg(id)) FROM again",
             which);
    status = run_counting(connection, sql, count, err);
    if (!status && id && !*count)
        return sf_fail(err, SF_INVALID, "there is no failed event %lld", (long long)id);
    return status;
}

sf_status outbox_upkeep_republish(postgres *connection, const char *aggregate_type, int64_t *count,
                                  sf_error *err)
{
    char sql[384];
    char which[64] = "";

    if (aggregate_type)
        snprintf(which, sizeof(which), " AND aggregate_type = '%s'", aggregate_type);
    snprintf(sql, sizeof(sql),
             "SET statement_timeout = 0;"
             "WITH published AS MATERIALIZED ("
             "    SELECT array_agg(id) AS block FROM event_states"
             "     WHERE state = 'published'%s GROUP BY id >> 10),"
             " entered AS MATERIALIZED ("
             "    SELECT cardinality(block) AS count, enter_again(block) FROM published)"
             "SELECT coalesce(sum(count), 0) FROM entered",
             which);
    return run_counting(connection, sql, count, err);
}
