/* session_aggregate.c - sessions grow and merge.
 *
 * A record joins all sessions of its key that lie within the gap of it into one: what they hold is
 * merged in the store's order, beginning with the initial value, then the record is added. They are
 * removed, each with a null value downstream, before the one session goes on; unless that one is
 * the record's own instant, which then is simply replaced. A record whose session would be over is
 * late, and nothing changes.
 */
#include "dsl/operators/session_aggregate.h"

#include "topology/processor_implementation.h"

typedef struct session_aggregate {
    const sf_session_aggregate_plan *plan;
    sf_context *context;
    sf_kept_sessions sessions;
    sf_closing closing;
    int64_t *seen; /* stream time of this operator */
} session_aggregate;

/* A record and what it meets. */
typedef struct meeting {
    const sf_record *record;
    sf_bytes wire_key;
    sf_session_row *rows;
    size_t count;
    sf_session_row merged; /* the extents; nothing stored */
} meeting;

static sf_status init(void *user, sf_context *context, void **state, sf_error *err)
{
    const sf_session_aggregate_plan *plan = user;
    session_aggregate *made = sf_arena_zalloc(context->pipeline->memory, sizeof(*made));
    sf_status status;

    made->plan = plan;
    made->context = context;
    *state = made;
    status = sf_kept_sessions_init(&made->sessions, plan->sessions, context, err);
    if (!status)
        status = sf_context_time(context, "seen", plan->times, &made->seen, err);
    return status ? status
                  : sf_closing_init(&made->closing, &plan->closing, context, plan->times, err);
}

/* ---- merging ---- */

static void widen(sf_session_row *merged, const sf_session_row *row)
{
    if (row->start_ms < merged->start_ms)
        merged->start_ms = row->start_ms;
    if (row->end_ms > merged->end_ms)
        merged->end_ms = row->end_ms;
}

static sf_status find(session_aggregate *at, meeting *met, sf_error *err)
{
    int64_t timestamp = met->record->timestamp;
    sf_status status;

    status = sf_kept_sessions_near(&at->sessions, met->wire_key, timestamp, at->plan->gap_ms,
                                   &met->rows, &met->count, err);
    met->merged.start_ms = timestamp;
    met->merged.end_ms = timestamp;
    for (size_t i = 0; !status && i < met->count; i++)
        widen(&met->merged, &met->rows[i]);
    return status;
}

static sf_status merge(session_aggregate *at, const meeting *met, sf_bytes *aggregate,
                       sf_error *err)
{
    const sf_fold *fold = &at->plan->fold;
    sf_arena *arena = sf_context_arena(at->context);
    sf_status status = SF_OK;
    sf_bytes other;

    sf_fold_begin(fold, arena, aggregate);
    for (size_t i = 0; !status && i < met->count; i++) {
        status = sf_kept_sessions_value(&at->sessions, &met->rows[i], &other, err);
        if (!status)
            status = sf_fold_merge(fold, arena, met->record->key, aggregate, other, err);
    }
    return status;
}

static bool is_instant(const meeting *met)
{
    return met->merged.start_ms == met->merged.end_ms;
}

static sf_status remove_merged(session_aggregate *at, const meeting *met, sf_error *err)
{
    sf_status status = SF_OK;

    for (size_t i = 0; !status && i < met->count; i++) {
        sf_session_change removal = {.wire_key = met->wire_key,
                                     .key = met->record->key,
                                     .start_ms = met->rows[i].start_ms,
                                     .end_ms = met->rows[i].end_ms,
                                     .before = &met->rows[i],
                                     .headers = met->record->headers};

        status = sf_kept_sessions_put(&at->sessions, &removal, err);
    }
    return status;
}

static sf_status put(session_aggregate *at, const meeting *met, sf_bytes value, sf_error *err)
{
    sf_session_change change = {
        .wire_key = met->wire_key,
        .key = met->record->key,
        .start_ms = met->merged.start_ms,
        .end_ms = met->merged.end_ms,
        .value = value,
        .before = is_instant(met) && met->count > 0 ? &met->rows[0] : NULL,
        .headers = met->record->headers,
    };

    return sf_kept_sessions_put(&at->sessions, &change, err);
}

static sf_status join_sessions(session_aggregate *at, const meeting *met, sf_error *err)
{
    sf_bytes aggregate;
    sf_status status = merge(at, met, &aggregate, err);

    if (!status)
        status = sf_fold_apply(&at->plan->fold, sf_context_arena(at->context), met->record,
                               &aggregate, err);
    if (!status && !is_instant(met))
        status = remove_merged(at, met, err);
    return status ? status : put(at, met, aggregate, err);
}

/* ---- */

static sf_status emit(session_aggregate *at, const sf_record *record, bool is_first, sf_error *err)
{
    const sf_closing_plan *closing = &at->plan->closing;
    int64_t first_ms, last_ms;
    sf_status status;

    if (!closing->is_on || is_first != closing->is_lossless ||
        !sf_closing_is_due(&at->closing, *at->seen, &first_ms, &last_ms))
        return SF_OK;
    status = sf_kept_sessions_emit(&at->sessions, record, first_ms, last_ms, err);
    if (!status)
        sf_closing_done(&at->closing, *at->seen);
    return status;
}

static sf_status take_up(session_aggregate *at, const sf_record *record, sf_error *err)
{
    meeting met = {.record = record};
    sf_status status = sf_serde_encode(at->plan->sessions->key, record->key,
                                       sf_context_arena(at->context), &met.wire_key, err);

    if (!status)
        status = find(at, &met, err);
    if (status)
        return status;
    if (met.merged.end_ms < *at->seen - at->plan->gap_ms - at->plan->grace_ms) {
        sf_context_count_dropped_for(at->context, SF_DROP_LATE); /* late */
        return SF_OK;
    }
    return join_sessions(at, &met, err);
}

static sf_status process(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    session_aggregate *at = state;
    sf_status status;

    if (sf_fold_leaves_out(&at->plan->fold, record)) {
        sf_context_count_dropped_for(context, SF_DROP_NULL);
        return SF_OK;
    }
    if (record->timestamp > *at->seen)
        *at->seen = record->timestamp;
    status = emit(at, record, true, err);
    if (!status)
        status = take_up(at, record, err);
    return status ? status : emit(at, record, false, err);
}

sf_processor sf_session_aggregate_processor(sf_session_aggregate_plan *plan)
{
    return (sf_processor){.init = init, .process = process, .user = plan};
}
