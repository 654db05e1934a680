#include "outbox.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/memory.h"

/* Any number will do, as long as nobody else locks it: "ecomrely" in ASCII. */
#define LOCK "7305805536386444409"

struct outbox {
    postgres *connection;
    bool is_leader; /* as long as the connection lasts */
};

enum { LEAD, READ, MARK_PUBLISHED, MARK_FAILED, MEASURE, FORGET_KEYS, STATEMENT_COUNT };

static const postgres_statement statements[STATEMENT_COUNT] = {
    [LEAD] = {.name = "lead", .sql = "SELECT pg_try_advisory_lock(" LOCK ")"},
    [READ] =
        {.name = "read_pending",
         .sql =
             "SELECT id, event_id, event_type, aggregate_type, aggregate_id, version, schema,"
             "       (extract(epoch FROM occurred_at) * 1000)::bigint, payload, headers"
             "  FROM events e"
             " WHERE state = 'pending'"
             "   AND NOT EXISTS (SELECT 1 FROM events f"
             "                    WHERE f.state = 'failed' AND f.aggregate_type = e.aggregate_type"
             "                      AND f.aggregate_id = e.aggregate_id)"
             " ORDER BY id"
             " LIMIT $1::bigint"},
    [MARK_PUBLISHED] = {.name = "mark_published",
                        .sql = "UPDATE events e"
                               "   SET state = 'published', published_at = clock_timestamp(),"
                               "       kafka_partition = at.partition, kafka_offset = at.place"
                               "  FROM unnest($1::bigint[], $2::integer[], $3::bigint[])"
                               "       AS at (id, partition, place)"
                               " WHERE e.id = at.id"},
    [MARK_FAILED] = {.name = "mark_failed",
                     .sql =
                         "UPDATE events SET state = 'failed', failure = $2 WHERE id = $1::bigint"},
    [MEASURE] = {.name = "measure_backlog",
                 .sql =
                     "SELECT count(*) FILTER (WHERE state = 'pending'),"
                     "       count(*) FILTER (WHERE state = 'failed'),"
                     "       (1000 * greatest(0, extract(epoch FROM clock_timestamp() -"
                     "            min(occurred_at) FILTER (WHERE state = 'pending'))))::bigint"
                     "  FROM (SELECT state, occurred_at FROM events WHERE state = 'pending'"
                     "         UNION ALL"
                     "        SELECT state, occurred_at FROM events WHERE state = 'failed') open"},
    [FORGET_KEYS] = {.name = "forget_keys",
                     .sql = "DELETE FROM idempotency_keys"
                            " WHERE created_at < clock_timestamp() - $1::interval"},
};

outbox *outbox_new(const postgres_address *address)
{
    /* A mark that is lost with the machine only means that a row is published twice, which readers
     * recognise by its version. */
    postgres_options options = {.address = *address, .commits_lazily = true, .finds_by_key = true};
    outbox *box = sf_zalloc(sizeof(*box));

    box->connection = postgres_new(&options, statements, STATEMENT_COUNT);
    return box;
}

void outbox_free(outbox *box)
{
    if (!box)
        return;
    postgres_free(box->connection);
    free(box);
}

/* Runs one statement; what it returns goes to rows (may be NULL). */
static sf_status run(outbox *box, postgres_call call, postgres_rows **rows, sf_error *err)
{
    postgres_outcome outcome = postgres_run(box->connection, &call, 1, err);

    if (outcome == POSTGRES_AWAY)
        box->is_leader = false;
    if (outcome == POSTGRES_DONE && rows)
        *rows = call.rows;
    else
        postgres_rows_free(call.rows);
    if (outcome == POSTGRES_DONE)
        return SF_OK;
    return outcome == POSTGRES_AWAY || outcome == POSTGRES_BUSY ? SF_RETRY : SF_STOP;
}

sf_status outbox_lead(outbox *box, bool *is_leader, sf_error *err)
{
    sf_status status;
    postgres_rows *rows = NULL;

    if (!postgres_is_connected(box->connection)) {
        box->is_leader = false;
        status = postgres_connect(box->connection, err);
        if (status)
            return status;
    }
    if (!box->is_leader) {
        status = run(box, (postgres_call){.statement = LEAD}, &rows, err);
        if (status)
            return status;
        box->is_leader = postgres_text(rows, 0, 0)[0] == 't';
        postgres_rows_free(rows);
    }
    *is_leader = box->is_leader;
    return SF_OK;
}

static outbox_row decode(const postgres_rows *rows, int row)
{
    bool has_headers = !postgres_is_null(rows, row, 9);

    return (outbox_row){
        .id = postgres_int64(rows, row, 0),
        .event =
            {
                .event_id = postgres_text(rows, row, 1),
                .event_type = postgres_text(rows, row, 2),
                .aggregate_type = postgres_text(rows, row, 3),
                .aggregate_id = postgres_int64(rows, row, 4),
                .version = postgres_int64(rows, row, 5),
                .schema = postgres_int64(rows, row, 6),
                .occurred_at_ms = postgres_int64(rows, row, 7),
                .payload = sf_bytes_text(postgres_text(rows, row, 8)),
                .headers = has_headers ? sf_bytes_text(postgres_text(rows, row, 9)) : SF_NULL,
            },
    };
}

sf_status outbox_read(outbox *box, size_t max, outbox_batch *batch, sf_error *err)
{
    char limit[24];
    const char *values[] = {limit};
    postgres_rows *rows = NULL;
    sf_status status;

    snprintf(limit, sizeof(limit), "%zu", max);
    status = run(box, (postgres_call){.statement = READ, .values = values, .value_count = 1}, &rows,
                 err);
    if (status)
        return status;
    batch->read = rows;
    batch->count = (size_t)postgres_rows_count(rows);
    batch->rows = sf_alloc((batch->count + 1) * sizeof(*batch->rows));
    for (size_t i = 0; i < batch->count; i++)
        batch->rows[i] = decode(rows, (int)i);
    return SF_OK;
}

void outbox_batch_done(outbox_batch *batch)
{
    free(batch->rows);
    postgres_rows_free(batch->read);
    *batch = (outbox_batch){0};
}

static sf_status mark_published(outbox *box, const outbox_batch *batch, sf_error *err)
{
    enum { IDS, PARTITIONS, OFFSETS, ARRAYS };
    sf_buffer arrays[ARRAYS] = {SF_BUFFER_EMPTY, SF_BUFFER_EMPTY, SF_BUFFER_EMPTY};
    const char *values[ARRAYS];
    const char *before = "{";
    sf_status status;

    for (size_t i = 0; i < batch->count; i++) {
        const outbox_row *row = &batch->rows[i];

        if (row->state != OUTBOX_PUBLISHED)
            continue;
        sf_buffer_printf(&arrays[IDS], "%s%lld", before, (long long)row->id);
        sf_buffer_printf(&arrays[PARTITIONS], "%s%d", before, row->partition);
        sf_buffer_printf(&arrays[OFFSETS], "%s%lld", before, (long long)row->offset);
        before = ",";
    }
    if (!arrays[IDS].size)
        return SF_OK;
    for (int i = 0; i < ARRAYS; i++) {
        sf_buffer_add_text(&arrays[i], "}");
        values[i] = sf_buffer_text(&arrays[i]);
    }
    status = run(
        box, (postgres_call){.statement = MARK_PUBLISHED, .values = values, .value_count = ARRAYS},
        NULL, err);
    for (int i = 0; i < ARRAYS; i++)
        sf_buffer_done(&arrays[i]);
    return status;
}

static sf_status mark_failed(outbox *box, const outbox_row *row, sf_error *err)
{
    char id[24];
    const char *values[] = {id, row->failure};

    snprintf(id, sizeof(id), "%lld", (long long)row->id);
    return run(box, (postgres_call){.statement = MARK_FAILED, .values = values, .value_count = 2},
               NULL, err);
}

sf_status outbox_mark(outbox *box, const outbox_batch *batch, sf_error *err)
{
    sf_status status = mark_published(box, batch, err);

    for (size_t i = 0; i < batch->count && !status; i++)
        if (batch->rows[i].state == OUTBOX_FAILED)
            status = mark_failed(box, &batch->rows[i], err);
    return status;
}

sf_status outbox_measure(outbox *box, outbox_backlog *backlog, sf_error *err)
{
    postgres_rows *rows = NULL;
    sf_status status = run(box, (postgres_call){.statement = MEASURE}, &rows, err);

    if (status)
        return status;
    *backlog = (outbox_backlog){
        .pending = postgres_int64(rows, 0, 0),
        .failed = postgres_int64(rows, 0, 1),
        .oldest_age_ms = postgres_int64(rows, 0, 2),
    };
    postgres_rows_free(rows);
    return SF_OK;
}

sf_status outbox_forget_keys(outbox *box, int64_t hours, sf_error *err)
{
    char age[32];
    const char *values[] = {age};

    snprintf(age, sizeof(age), "%lld hours", (long long)hours);
    return run(box, (postgres_call){.statement = FORGET_KEYS, .values = values, .value_count = 1},
               NULL, err);
}
