#include "relay_turns.h"

#include <stateful/log.h>

static void log_failed_rows(const outbox_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        const outbox_row *row = &batch->rows[i];

        if (row->state == OUTBOX_FAILED)
            sf_log(SF_LOG_ERROR,
                   "event cannot be published, its aggregate is held event=%lld"
                   " aggregate=%s/%lld reason=\"%s\"",
                   (long long)row->id, row->event.aggregate_type,
                   (long long)row->event.aggregate_id, row->failure);
    }
}

static const outbox_batch no_batch;

/* ---- notes and readings ---- */

static sf_status end_turn(relay_turns *turns, sf_error *err)
{
    sf_status status;

    outbox_batch_done(&turns->next); /* an empty one that was read before */
    status = outbox_end_turn(turns->box, &turns->next, err);
    outbox_batch_done(&turns->sent); /* noted; or it is read again */
    return status;
}

static sf_status read_first(relay_turns *turns, sf_error *err)
{
    sf_status status = outbox_begin_turn(turns->box, &no_batch, &no_batch, err);

    return status ? status : end_turn(turns, err);
}

/* Without reading on. */
static sf_status note_sent(relay_turns *turns, sf_error *err)
{
    sf_status status = outbox_note(turns->box, &turns->sent, err);

    outbox_batch_done(&turns->sent);
    return status;
}

void relay_turns_meanwhile(relay_turns *turns)
{
    if (turns->is_reading_on)
        (void)end_turn(turns, &turns->reading_err); /* looked at afterwards */
    turns->is_reading_on = false;
}

/* ---- a batch ---- */

/* Reads on while the batch is sent. */
static sf_status send_and_read_on(relay_turns *turns, const outbox_batch *batch, sf_error *err)
{
    sf_status status = outbox_begin_turn(turns->box, &turns->sent, batch, err);

    if (status)
        return status;
    turns->is_reading_on = true;
    turns->reading_err = (sf_error){0};
    status = publisher_send(turns->publisher, batch->rows, batch->count, err);
    relay_turns_meanwhile(turns); /* if there was nothing to send */
    if (!status && turns->reading_err.status)
        status = sf_fail_with(err, turns->reading_err.status, turns->reading_err.code, "%s",
                              turns->reading_err.text);
    return status;
}

/* Behind a batch that is not full there is nothing, most likely. */
static sf_status send(relay_turns *turns, const outbox_batch *batch, sf_error *err)
{
    if (batch->is_full || turns->sent.entry_count)
        return send_and_read_on(turns, batch, err);
    return publisher_send(turns->publisher, batch->rows, batch->count, err);
}

static size_t published_count(const outbox_batch *batch)
{
    size_t count = 0;

    for (size_t i = 0; i < batch->count; i++)
        count += batch->rows[i].state == OUTBOX_PUBLISHED;
    return count;
}

/* What was published is noted at once when nothing more was read, or when the rest was not published: then
 * what was read on is read again. */
static sf_status send_next(relay_turns *turns, size_t *published, sf_error *err)
{
    outbox_batch batch = turns->next;
    sf_error note_err = {0};
    sf_status status, note_status = SF_OK;

    turns->next = no_batch;
    status = send(turns, &batch, err);
    log_failed_rows(&batch);
    *published = published_count(&batch);
    outbox_batch_done(&turns->sent);
    turns->sent = batch;
    if (status || *published < batch.count)
        outbox_batch_done(&turns->next);
    if (!turns->next.entry_count)
        note_status = note_sent(turns, &note_err);
    if (note_status && !status)
        status = sf_fail_with(err, note_status, note_err.code, "%s", note_err.text);
    return status;
}

sf_status relay_turns_take(relay_turns *turns, relay_turn *turn, sf_error *err)
{
    sf_status status = SF_OK;

    *turn = (relay_turn){0};
    if (!turns->next.entry_count)
        status = read_first(turns, err);
    turn->rows = turns->next.entry_count;
    if (!status && turn->rows)
        status = send_next(turns, &turn->published, err);
    if (status)
        relay_turns_forget(turns);
    return status;
}

bool relay_turns_has_next(const relay_turns *turns)
{
    return turns->next.entry_count > 0;
}

void relay_turns_forget(relay_turns *turns)
{
    outbox_batch_done(&turns->next);
    outbox_batch_done(&turns->sent);
}

void relay_turns_end(relay_turns *turns)
{
    if (turns->sent.entry_count)
        (void)note_sent(turns, NULL);
    relay_turns_forget(turns);
}
