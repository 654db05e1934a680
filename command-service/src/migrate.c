#include "migrate.h"

#include <stdio.h>
#include <string.h>

#include <openssl/sha.h>

#include <stateful/log.h>

#include "base/buffer.h"

/* Any number will do, as long as nobody else locks it: "ecommsch" in ASCII. */
#define LOCK "7305805536303473512"

typedef struct checksum {
    char text[2 * SHA256_DIGEST_LENGTH + 1];
} checksum;

static checksum checksum_of(const char *sql)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    checksum sum;

    SHA256((const unsigned char *)sql, strlen(sql), digest);
    for (size_t i = 0; i < SHA256_DIGEST_LENGTH; i++)
        snprintf(&sum.text[2 * i], 3, "%02x", digest[i]);
    return sum;
}

static sf_status apply(postgres *connection, const migration *one, sf_error *err)
{
    sf_buffer script = SF_BUFFER_EMPTY;
    sf_status status;

    sf_buffer_add_text(&script, one->sql);
    sf_buffer_printf(&script,
                     "\nINSERT INTO schema_migrations (number, name, checksum)"
                     " VALUES (%d, '%s', '%s');",
                     one->number, one->name, checksum_of(one->sql).text);
    status = postgres_script(connection, sf_buffer_text(&script), NULL, err);
    sf_buffer_done(&script);
    if (status)
        return sf_error_prefix(err, status, "migration %s", one->name);
    sf_log(SF_LOG_INFO, "migration applied name=%s", one->name);
    return SF_OK;
}

/* The row of a migration among those applied, or -1. */
static int row_of(const postgres_rows *rows, int number)
{
    for (int row = 0; row < postgres_rows_count(rows); row++)
        if (postgres_int64(rows, row, 0) == number)
            return row;
    return -1;
}

static sf_status check(const postgres_rows *rows, int row, const migration *one, sf_error *err)
{
    if (!strcmp(postgres_text(rows, row, 2), checksum_of(one->sql).text))
        return SF_OK;
    return sf_fail(err, SF_INVALID,
                   "migration %s was applied to this database with another content (as %s): an "
                   "applied migration is never changed, a further one is added",
                   one->name, postgres_text(rows, row, 1));
}

static void warn_of_newer(const postgres_rows *rows, size_t count)
{
    for (int row = 0; row < postgres_rows_count(rows); row++)
        if (postgres_int64(rows, row, 0) > (int64_t)count)
            sf_log(SF_LOG_WARN, "the database is newer than this binary migration=%s",
                   postgres_text(rows, row, 1));
}

static sf_status migrate_locked(postgres *connection, const migration *table, size_t count,
                                size_t *applied, sf_error *err)
{
    postgres_rows *rows = NULL;
    sf_status status =
        postgres_script(connection,
                        "CREATE TABLE IF NOT EXISTS schema_migrations (number integer PRIMARY"
                        " KEY, name text NOT NULL, checksum text NOT NULL, applied_at"
                        " timestamptz NOT NULL DEFAULT clock_timestamp());"
                        "SELECT number, name, checksum FROM schema_migrations ORDER BY number",
                        &rows, err);

    if (status)
        return status;
    *applied = 0;
    warn_of_newer(rows, count);
    for (size_t i = 0; i < count && !status; i++) {
        int row = row_of(rows, table[i].number);

        status = row < 0 ? apply(connection, &table[i], err) : check(rows, row, &table[i], err);
        *applied += row < 0 && !status;
    }
    postgres_rows_free(rows);
    return status;
}

sf_status migrate(postgres *connection, const migration *table, size_t count, size_t *applied,
                  sf_error *err)
{
    sf_status status =
        postgres_script(connection,
                        "SET statement_timeout = '10min'; SET lock_timeout = '10min';"
                        "SELECT pg_advisory_lock(" LOCK ")",
                        NULL, err);

    if (status)
        return status;
    status = migrate_locked(connection, table, count, applied, err);
    /* A connection that was lost gave the lock back already. */
    (void)postgres_script(
        connection,
        "RESET statement_timeout; RESET lock_timeout; SELECT pg_advisory_unlock(" LOCK ")", NULL,
        NULL);
    return status;
}
