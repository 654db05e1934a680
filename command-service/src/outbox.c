/* outbox.c - reading begins at `front`. Nothing pending stands below it, and nothing will come there:
 *
 *   1 an event's id is drawn by a transaction that has locked the events table for writing, until its end
 *   2 so once every transaction that held that lock behind the reading of the last id has ended, all
 *     events up to that id are there to be seen, or never will be: it is safe
 *   3 the front never goes beyond the safe id, nor beyond the first position that is seen to be pending
 *
 * What is entered again has positions below 0, and is looked for there each time.
 */
#include "outbox.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "outbox_marks.h"
#include "outbox_statements.h"

enum {
    BATCH_EVENTS = 1000, /* and up to a row's more */
    ENTRIES_LEAST = 32,
    CALLS_MAX = OUTBOX_MARKS_MAX + 1,
};

struct outbox {
    postgres *connection;
    bool is_leader; /* as long as the connection lasts */

    int64_t front;
    int64_t safe;
    int64_t safe_soon; /* once the writers are over */
    char *writers;     /* NULL: nobody is waited for */

    size_t entries_max; /* rows that are worth looking at for a batch, by the last one */

    postgres_call calls[CALLS_MAX]; /* of the turn under way */
    size_t call_count;
    int64_t first_under_way;
};

outbox *outbox_new(const postgres_address *address)
{
    /* A mark that is lost with the machine only means that a row is published twice, which readers
     * recognise by its version. */
    postgres_options options = {.address = *address, .commits_lazily = true, .finds_by_key = true};
    outbox *box = sf_zalloc(sizeof(*box));

    box->connection = postgres_new(&options, outbox_statements, OUTBOX_STATEMENT_COUNT);
    box->entries_max = BATCH_EVENTS;
    return box;
}

void outbox_free(outbox *box)
{
    if (!box)
        return;
    postgres_free(box->connection);
    free(box->writers);
    free(box);
}

static sf_status status_of(outbox *box, postgres_outcome outcome)
{
    if (outcome == POSTGRES_AWAY)
        box->is_leader = false;
    if (outcome == POSTGRES_DONE)
        return SF_OK;
    return outcome == POSTGRES_AWAY || outcome == POSTGRES_BUSY ? SF_RETRY : SF_STOP;
}

/* Runs one statement with at most one value (NULL: none); what it returns goes to rows (may be NULL). */
static sf_status run(outbox *box, size_t statement, const char *value, postgres_rows **rows,
                     sf_error *err)
{
    postgres_call call = {.statement = statement, .values = &value, .value_count = value ? 1 : 0};
    postgres_outcome outcome = postgres_run(box->connection, &call, 1, err);

    if (outcome == POSTGRES_DONE && rows)
        *rows = call.rows;
    else
        postgres_rows_free(call.rows);
    return status_of(box, outcome);
}

static void wait_for_nobody(outbox *box)
{
    free(box->writers);
    box->writers = NULL;
}

/* Somebody else may have led meanwhile, and the table may have been emptied. */
static void begin_at_the_start(outbox *box)
{
    box->front = box->safe = 0;
    wait_for_nobody(box);
}

static sf_status ask_for_the_lock(outbox *box, outbox_leadership *leadership, sf_error *err)
{
    postgres_rows *rows = NULL;
    sf_status status = run(box, OUTBOX_LEAD, NULL, &rows, err);

    if (status)
        return status;
    begin_at_the_start(box);
    box->is_leader = postgres_text(rows, 0, 0)[0] == 't';
    *leadership = box->is_leader ? OUTBOX_LEADS_ANEW : OUTBOX_STANDS_BY;
    postgres_rows_free(rows);
    return SF_OK;
}

sf_status outbox_lead(outbox *box, outbox_leadership *leadership, sf_error *err)
{
    sf_status status;

    if (!postgres_is_connected(box->connection)) {
        box->is_leader = false;
        status = postgres_connect(box->connection, err);
        if (status)
            return status;
    }
    if (!box->is_leader)
        return ask_for_the_lock(box, leadership, err);
    *leadership = OUTBOX_LEADS;
    return SF_OK;
}

/* ---- a turn ---- */

static const char *add_array_of_positions(sf_buffer *array, const outbox_batch *batch)
{
    for (size_t i = 0; i < batch->entry_count; i++)
        sf_buffer_printf(array, "%s%lld", i ? "," : "{", (long long)batch->entries[i].position);
    sf_buffer_add_text(array, batch->entry_count ? "}" : "{}");
    return sf_buffer_text(array);
}

/* The first position of a batch that is not one entered again; INT64_MAX: there is none. */
static int64_t first_position(const outbox_batch *batch)
{
    for (size_t i = 0; i < batch->entry_count; i++)
        if (batch->entries[i].position >= 0)
            return batch->entries[i].position;
    return INT64_MAX;
}

sf_status outbox_begin_turn(outbox *box, const outbox_batch *sent, const outbox_batch *under_way,
                            sf_error *err)
{
    char front[24], entries[24], events[24];
    sf_buffer passed_over = SF_BUFFER_EMPTY;
    const char *values[] = {front, entries, add_array_of_positions(&passed_over, under_way),
                            events};
    outbox_marks marks;
    postgres_outcome outcome;

    snprintf(front, sizeof(front), "%lld", (long long)box->front);
    snprintf(entries, sizeof(entries), "%zu", box->entries_max + under_way->entry_count);
    snprintf(events, sizeof(events), "%d", BATCH_EVENTS);
    outbox_marks_make(&marks, sent);
    box->call_count = 0;
    for (size_t i = 0; i < marks.count; i++)
        box->calls[box->call_count++] = marks.calls[i];
    box->calls[box->call_count++] = (postgres_call){
        .statement = OUTBOX_READ, .values = values, .value_count = SF_ARRAY_LENGTH(values)};
    box->first_under_way = first_position(under_way);
    outcome = postgres_begin(box->connection, box->calls, box->call_count, err);
    outbox_marks_done(&marks);
    sf_buffer_done(&passed_over);
    return status_of(box, outcome);
}

sf_status outbox_note(outbox *box, const outbox_batch *sent, sf_error *err)
{
    outbox_marks marks;
    postgres_outcome outcome = POSTGRES_DONE;

    outbox_marks_make(&marks, sent);
    if (marks.count)
        outcome = postgres_run(box->connection, marks.calls, marks.count, err);
    for (size_t i = 0; i < marks.count; i++)
        postgres_rows_free(marks.calls[i].rows);
    outbox_marks_done(&marks);
    return status_of(box, outcome);
}

static struct event decode_event(const postgres_rows *rows, int row)
{
    bool has_headers = !postgres_is_null(rows, row, 11);

    return (struct event){
        .event_id = postgres_text(rows, row, 3),
        .event_type = postgres_text(rows, row, 4),
        .aggregate_type = postgres_text(rows, row, 5),
        .aggregate_id = postgres_int64(rows, row, 6),
        .version = postgres_int64(rows, row, 7),
        .schema = postgres_int64(rows, row, 8),
        .occurred_at_ms = postgres_int64(rows, row, 9),
        .payload = sf_bytes_text(postgres_text(rows, row, 10)),
        .headers = has_headers ? sf_bytes_text(postgres_text(rows, row, 11)) : SF_NULL,
    };
}

static void decode_row(const postgres_rows *rows, int row, outbox_row *into)
{
    bool is_gone = postgres_is_null(rows, row, 3);
    bool is_held = postgres_text(rows, row, 12)[0] == 't';

    into->id = postgres_int64(rows, row, 2);
    into->event = decode_event(rows, row);
    into->state = is_gone ? OUTBOX_GONE : is_held ? OUTBOX_HELD : OUTBOX_PENDING;
    into->partition = 0;
    into->offset = 0;
    into->failure[0] = '\0';
}

static void decode_batch(postgres_rows *rows, outbox_batch *batch)
{
    size_t count = (size_t)postgres_rows_count(rows);
    outbox_entry *entry = NULL;

    *batch = (outbox_batch){
        .rows = sf_alloc((count + 1) * sizeof(*batch->rows)),
        .count = count,
        .entries = sf_alloc((count + 1) * sizeof(*batch->entries)),
        .read = rows,
    };
    for (size_t i = 0; i < count; i++) {
        int64_t position = postgres_int64(rows, (int)i, 0);

        if (!entry || entry->position != position) {
            entry = &batch->entries[batch->entry_count++];
            *entry = (outbox_entry){
                .position = position, .events = postgres_int64(rows, (int)i, 1), .first = i};
        }
        entry->count++;
        decode_row(rows, (int)i, &batch->rows[i]);
    }
}

void outbox_batch_done(outbox_batch *batch)
{
    free(batch->rows);
    free(batch->entries);
    postgres_rows_free(batch->read);
    *batch = (outbox_batch){0};
}

/* Twice as many as the last batch would have needed, so that few are looked at in vain. */
static void guess_entries(outbox *box, const outbox_batch *batch)
{
    box->entries_max = ENTRIES_LEAST + 2 * BATCH_EVENTS * batch->entry_count / batch->count;
    if (box->entries_max > BATCH_EVENTS)
        box->entries_max = BATCH_EVENTS;
}

static void move_front(outbox *box, const outbox_batch *next)
{
    int64_t first = first_position(next);

    if (first > box->first_under_way)
        first = box->first_under_way;
    box->front = first < box->safe ? first : box->safe;
}

sf_status outbox_end_turn(outbox *box, outbox_batch *next, sf_error *err)
{
    postgres_outcome outcome = postgres_end(box->connection, box->calls, box->call_count, err);

    if (outcome != POSTGRES_DONE)
        return status_of(box, outcome);
    for (size_t i = 0; i + 1 < box->call_count; i++)
        postgres_rows_free(box->calls[i].rows);
    decode_batch(box->calls[box->call_count - 1].rows, next);
    next->is_full = next->entry_count >= box->entries_max || next->count >= BATCH_EVENTS;
    move_front(box, next);
    if (next->count)
        guess_entries(box, next);
    return SF_OK;
}

/* ---- now and then ---- */

/* The last id first: whoever draws one later is not waited for. */
static sf_status look_for_writers(outbox *box, sf_error *err)
{
    postgres_call calls[] = {{.statement = OUTBOX_LAST}, {.statement = OUTBOX_WRITERS}};
    postgres_outcome outcome = postgres_run(box->connection, calls, 2, err);

    if (outcome != POSTGRES_DONE)
        return status_of(box, outcome);
    box->safe_soon = postgres_int64(calls[0].rows, 0, 0);
    if (box->safe_soon < box->safe)
        begin_at_the_start(box); /* ids were taken back */
    if (postgres_is_null(calls[1].rows, 0, 0))
        box->safe = box->safe_soon;
    else
        box->writers = sf_text_copy(postgres_text(calls[1].rows, 0, 0));
    postgres_rows_free(calls[0].rows);
    postgres_rows_free(calls[1].rows);
    return SF_OK;
}

static sf_status look_whether_they_are_over(outbox *box, sf_error *err)
{
    postgres_rows *rows = NULL;
    sf_status status = run(box, OUTBOX_STILL_WRITING, box->writers, &rows, err);

    if (!status && postgres_text(rows, 0, 0)[0] == 'f') {
        box->safe = box->safe_soon;
        wait_for_nobody(box);
    }
    postgres_rows_free(rows);
    return status;
}

sf_status outbox_look_after(outbox *box, sf_error *err)
{
    sf_status status = run(box, OUTBOX_RELEASE, NULL, NULL, err);

    if (!status && box->writers)
        status = look_whether_they_are_over(box, err);
    if (!status && !box->writers)
        status = look_for_writers(box, err);
    return status;
}

sf_status outbox_measure(outbox *box, outbox_backlog *backlog, sf_error *err)
{
    char front[24];
    postgres_rows *rows = NULL;
    sf_status status;

    snprintf(front, sizeof(front), "%lld", (long long)box->front);
    status = run(box, OUTBOX_MEASURE, front, &rows, err);
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

    snprintf(age, sizeof(age), "%lld hours", (long long)hours);
    return run(box, OUTBOX_FORGET_KEYS, age, NULL, err);
}
