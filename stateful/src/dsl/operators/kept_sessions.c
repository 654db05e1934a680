#include "dsl/operators/kept_sessions.h"

#include <stateful/windowed.h>

#include "store/session_key.h"
#include "store/store_implementation.h"
#include "store/task_stores.h"
#include "topology/processor_implementation.h"

static sf_status decode_copy(const sf_kept_sessions *sessions, const sf_serde *serde,
                             sf_bytes stored, sf_bytes *value, sf_error *err)
{
    sf_arena *arena = sf_context_arena(sessions->context);

    return sf_serde_decode(serde, sf_arena_copy(arena, stored), arena, value, err);
}

/* A cached change on its way downstream, at the commit. */
static sf_status forward_cached(void *user, sf_bytes logged, sf_stored now, sf_stored before,
                                sf_error *err)
{
    sf_kept_sessions *sessions = user;
    const sf_kept_sessions_plan *plan = sessions->plan;
    sf_arena *arena = sf_context_arena(sessions->context);
    sf_session_key at;
    sf_windowed key;
    sf_change change = {.record = {.headers = sf_store_forwarded_headers(sessions->cached)}};
    sf_status status;

    sf_arena_reset(arena);
    if (!sf_session_key_decode(logged, &at))
        return sf_fail(err, SF_CORRUPT, "the store '%s' has a key without a session", plan->store);
    key = (sf_windowed){.start_ms = at.start_ms, .end_ms = at.end_ms};
    change.record.timestamp = at.end_ms;
    status = decode_copy(sessions, plan->key, at.key, &key.key, err);
    if (!status)
        status = decode_copy(sessions, plan->value, now.value, &change.record.value, err);
    if (!status && plan->sends_before)
        status = decode_copy(sessions, plan->value, before.value, &change.before, err);
    if (status)
        return status;
    change.record.key = sf_windowed_bytes(key, arena);
    return sf_context_forward_cached(sessions->context, &change.record, err);
}

sf_status sf_kept_sessions_init(sf_kept_sessions *sessions, const sf_kept_sessions_plan *plan,
                                sf_context *context, sf_error *err)
{
    sf_store *store = context->stores[0];
    bool goes_on = context->node->child_count > 0 && !plan->is_final;

    *sessions = (sf_kept_sessions){.plan = plan, .context = context};
    sessions->store = sf_context_session_store(context, plan->store);
    if (!sessions->store)
        return sf_fail(err, SF_INVALID, "the store '%s' is not a session store", plan->store);
    sessions->forwards_at_once = goes_on && store->options.caching_off;
    if (goes_on && !store->options.caching_off) {
        sessions->cached = store;
        sf_store_set_forward(store, forward_cached, sessions);
    }
    return SF_OK;
}

/* ---- reading ---- */

/* Room for one more of what doubles in the arena. */
static sf_session_row *next_row(sf_arena *arena, sf_session_row **rows, size_t count)
{
    bool is_full = count == 0 || (count >= 8 && (count & (count - 1)) == 0);

    if (is_full) {
        size_t capacity = count ? count * 2 : 8;
        sf_session_row *more = sf_arena_alloc(arena, capacity * sizeof(*more));

        for (size_t i = 0; i < count; i++)
            more[i] = (*rows)[i];
        *rows = more;
    }
    return &(*rows)[count];
}

static int64_t behind(int64_t time_ms, int64_t gap_ms)
{
    return gap_ms > INT64_MAX - time_ms ? INT64_MAX : time_ms + gap_ms;
}

sf_status sf_kept_sessions_near(sf_kept_sessions *sessions, sf_bytes key, int64_t time_ms,
                                int64_t gap_ms, sf_session_row **rows, size_t *count, sf_error *err)
{
    sf_arena *arena = sf_context_arena(sessions->context);
    int64_t earliest_ms = time_ms > gap_ms ? time_ms - gap_ms : 0;
    sf_session_iterator *iterator;
    sf_session session;
    sf_stored stored;
    sf_status status;

    *count = 0;
    status = sf_session_store_find(sessions->store, key, earliest_ms, behind(time_ms, gap_ms),
                                   &iterator, err);
    if (status)
        return status;
    while (sf_session_iterator_next(iterator, &session, &stored, &status, err)) {
        *next_row(arena, rows, *count) =
            (sf_session_row){session.start_ms, session.end_ms, sf_arena_copy(arena, stored.value)};
        ++*count;
    }
    sf_session_iterator_free(iterator);
    return status;
}

sf_status sf_kept_sessions_value(const sf_kept_sessions *sessions, const sf_session_row *row,
                                 sf_bytes *value, sf_error *err)
{
    return decode_copy(sessions, sessions->plan->value, row->stored, value, err);
}

/* ---- changing ---- */

static sf_status forward(sf_kept_sessions *sessions, const sf_session_change *change, sf_error *err)
{
    sf_windowed key = {change->key, change->start_ms, change->end_ms};
    sf_change on = {.record = {.value = change->value,
                               .timestamp = change->end_ms,
                               .headers = change->headers}};
    sf_status status = SF_OK;

    if (change->before && sessions->plan->sends_before)
        status = sf_kept_sessions_value(sessions, change->before, &on.before, err);
    if (status)
        return status;
    on.record.key = sf_windowed_bytes(key, sf_context_arena(sessions->context));
    return sf_context_forward(sessions->context, &on.record, err);
}

sf_status sf_kept_sessions_put(sf_kept_sessions *sessions, const sf_session_change *change,
                               sf_error *err)
{
    const sf_session session = {change->wire_key, change->start_ms, change->end_ms};
    sf_bytes wire;
    sf_status status;

    status = sf_serde_encode(sessions->plan->value, change->value,
                             sf_context_arena(sessions->context), &wire, err);
    if (!status && sessions->cached)
        sf_store_set_headers(sessions->cached, change->headers);
    if (!status)
        status = sf_session_store_put(sessions->store, &session, wire, NULL, err);
    return status || !sessions->forwards_at_once ? status : forward(sessions, change, err);
}

/* ---- final results ---- */

static sf_status emit_one(sf_kept_sessions *sessions, const sf_record *trigger,
                          const sf_session *session, sf_bytes stored, sf_error *err)
{
    sf_windowed key = {.start_ms = session->start_ms, .end_ms = session->end_ms};
    sf_change change = {.record = *trigger};
    sf_status status = decode_copy(sessions, sessions->plan->key, session->key, &key.key, err);

    if (!status)
        status = decode_copy(sessions, sessions->plan->value, stored, &change.record.value, err);
    if (status)
        return status;
    change.record.key = sf_windowed_bytes(key, sf_context_arena(sessions->context));
    change.record.timestamp = session->end_ms;
    return sf_context_forward(sessions->context, &change.record, err);
}

sf_status sf_kept_sessions_emit(sf_kept_sessions *sessions, const sf_record *trigger,
                                int64_t first_ms, int64_t last_ms, sf_error *err)
{
    sf_session_iterator *iterator;
    sf_session session;
    sf_stored stored;
    sf_status status =
        sf_session_store_find_ended(sessions->store, first_ms, last_ms, &iterator, err);
    sf_status sent = SF_OK;

    if (status)
        return status;
    while (!sent && sf_session_iterator_next(iterator, &session, &stored, &status, err))
        sent = emit_one(sessions, trigger, &session, stored.value, err);
    sf_session_iterator_free(iterator);
    return sent ? sent : status;
}
