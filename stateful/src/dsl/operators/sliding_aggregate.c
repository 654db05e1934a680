/* sliding_aggregate.c - sliding windows, as they come into being.
 *
 * Of a record at t there are two windows of length d, both ends inclusive: the left one [t - d, t], and
 * the right one [t + 1, t + 1 + d] once a record falls into it. So a new record may
 *
 *   1 belong to windows that are there: those that begin in t - d .. t
 *   2 be the first in the right window of the record before it
 *   3 need its own left window, which holds what the one before it held from there on
 *   4 need its own right window, which holds what the windows around it hold behind t
 *
 * A row's timestamp is that of the newest record in its window, which is how the record before is known.
 * A window whose end is before the new record holds exactly what (3) needs, the nearest window around
 * t what (4) needs. Since windows cannot begin before 1970, records with t < d share [0, d] as their
 * left window: "early" ones.
 *
 * Windows are walked from the latest start down, early ones upwards; changes go on in that order.
 */
#include "dsl/operators/sliding_aggregate.h"

typedef struct slide {
    sf_window_fold *at;
    const sf_record *record;
    sf_bytes wire_key;
    sf_window_row *rows; /* of the key's windows, in the order they are walked */
    size_t count;
    const sf_window_row *around; /* begins nearest to the record, and goes beyond it */
    const sf_window_row *left;   /* holds what the left window begins with */
    int64_t previous;            /* timestamp of the record before, -1: none is known */
    bool has_left;
    bool has_right;
} slide;

static int64_t difference(const slide *s)
{
    return s->at->plan->windows->size_ms;
}

/* ---- the windows that are there ---- */

static void keep_row(slide *s, size_t *capacity, const sf_window_row *row)
{
    sf_arena *arena = sf_context_arena(s->at->context);

    if (s->count == *capacity) {
        size_t wanted = *capacity ? *capacity * 2 : 16;
        sf_window_row *rows = sf_arena_alloc(arena, wanted * sizeof(*rows));

        for (size_t i = 0; i < s->count; i++)
            rows[i] = s->rows[i];
        s->rows = rows;
        *capacity = wanted;
    }
    s->rows[s->count] = *row;
    s->rows[s->count++].stored = sf_arena_copy(arena, row->stored);
}

/* Windows that begin in from_ms .. t + 1. Backwards no more than the first that ends before t. */
static sf_status read_rows(slide *s, int64_t from_ms, bool backwards, sf_error *err)
{
    sf_window_store *store = s->at->windows.store;
    int64_t to_ms = s->record->timestamp + 1;
    sf_window_iterator *iterator;
    sf_window_row row;
    sf_stored stored;
    sf_bytes key;
    size_t capacity = 0;
    sf_status status;

    if (backwards)
        status =
            sf_window_store_fetch_backwards(store, s->wire_key, from_ms, to_ms, &iterator, err);
    else
        status = sf_window_store_fetch(store, s->wire_key, from_ms, to_ms, &iterator, err);
    if (status)
        return status;
    while (sf_window_iterator_next(iterator, &key, &row.start_ms, &stored, &status, err)) {
        row.stored = stored.value;
        row.timestamp = stored.timestamp;
        keep_row(s, &capacity, &row);
        if (backwards && row.start_ms + difference(s) < s->record->timestamp)
            break;
    }
    sf_window_iterator_free(iterator);
    return status;
}

static bool has_window(const slide *s, int64_t start_ms)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->rows[i].start_ms == start_ms)
            return true;
    return false;
}

/* ---- one window ---- */

/* Adds the record, unless it is late for the window. */
static sf_status add(const slide *s, const sf_window_addition *addition, sf_error *err)
{
    const sf_window_fold *at = s->at;

    if (addition->base.start_ms + difference(s) < *at->seen - at->plan->grace_ms) {
        sf_context_count_dropped_for(at->context, SF_DROP_LATE);
        return SF_OK;
    }
    return sf_window_fold_add(s->at, s->record, addition, err);
}

static sf_status update(const slide *s, const sf_window_row *row, sf_error *err)
{
    sf_window_addition addition = {.wire_key = s->wire_key, .base = *row};

    return add(s, &addition, err);
}

/* A window that begins with what another one holds, or with nothing. */
static sf_status create(const slide *s, int64_t start_ms, sf_bytes stored, sf_error *err)
{
    sf_window_addition addition = {
        .wire_key = s->wire_key,
        .base = {.start_ms = start_ms, .stored = stored, .timestamp = s->record->timestamp},
        .is_new = true,
    };

    return add(s, &addition, err);
}

/* ---- (2), (3), (4) ---- */

static sf_status create_right_of_previous(const slide *s, sf_error *err)
{
    int64_t start_ms = s->previous + 1;

    if (s->previous < 0 || has_window(s, start_ms) ||
        start_ms + difference(s) < s->record->timestamp)
        return SF_OK;
    return create(s, start_ms, SF_NULL, err);
}

static sf_status create_left(const slide *s, sf_error *err)
{
    int64_t start_ms = s->record->timestamp - difference(s);
    bool has_records = s->left && s->previous >= start_ms;

    if (s->has_left)
        return SF_OK;
    return create(s, start_ms, has_records ? s->left->stored : SF_NULL, err);
}

/* It holds what is behind the record, not the record. */
static sf_status create_right(const slide *s, sf_error *err)
{
    sf_window_change right = {.wire_key = s->wire_key,
                              .start_ms = s->record->timestamp + 1,
                              .change = {.record = *s->record}};
    sf_status status;

    if (s->has_right || !s->around || s->around->timestamp <= s->record->timestamp)
        return SF_OK;
    right.change.record.timestamp = s->around->timestamp;
    status = sf_kept_windows_value(&s->at->windows, s->around, &right.change.record.value, err);
    return status ? status : sf_kept_windows_put(&s->at->windows, &right, err);
}

/* ---- the usual record ---- */

/* Windows from the latest start down. *is_done: all windows of the record are there already. */
static sf_status walk_down(slide *s, bool *is_done, sf_error *err)
{
    int64_t timestamp = s->record->timestamp;
    sf_status status = SF_OK;

    for (size_t i = 0; i < s->count && !status; i++) {
        const sf_window_row *row = &s->rows[i];
        int64_t end_ms = row->start_ms + difference(s);

        if (row->start_ms > timestamp) {
            s->has_right = true;
            continue;
        }
        if (end_ms < timestamp) {
            s->left = row;
            s->previous = s->has_left ? s->previous : row->timestamp;
            break;
        }
        status = update(s, row, err);
        if (end_ms > timestamp) {
            s->around = s->around ? s->around : row;
            continue;
        }
        s->has_left = true;
        *is_done = row->timestamp >= timestamp;
        if (*is_done)
            break;
        s->previous = row->timestamp;
    }
    return status;
}

static sf_status slide_usual(slide *s, sf_error *err)
{
    int64_t from_ms = s->record->timestamp - 2 * difference(s);
    bool is_done = false;
    sf_status status = read_rows(s, from_ms > 0 ? from_ms : 0, true, err);

    if (!status)
        status = walk_down(s, &is_done, err);
    if (status || is_done)
        return status;
    status = create_right_of_previous(s, err);
    if (!status)
        status = create_left(s, err);
    return status ? status : create_right(s, err);
}

/* ---- the early record ---- */

/* Windows from 0 up; the combined one is left for later. */
static sf_status walk_up(slide *s, const sf_window_row **combined, sf_error *err)
{
    int64_t timestamp = s->record->timestamp;
    sf_status status = SF_OK;

    for (size_t i = 0; i < s->count && !status; i++) {
        const sf_window_row *row = &s->rows[i];

        if (row->start_ms == 0) {
            *combined = row;
            s->previous = row->timestamp < timestamp ? row->timestamp : -1;
        } else if (row->start_ms <= timestamp) {
            s->around = row;
            status = update(s, row, err);
        } else {
            s->has_right = true;
        }
    }
    return status;
}

static sf_status slide_early(slide *s, sf_error *err)
{
    const sf_window_row *combined = NULL;
    sf_status status = read_rows(s, 0, false, err);

    if (!status)
        status = walk_up(s, &combined, err);
    if (status)
        return status;
    if (!s->around)
        s->around = combined; /* all it holds is behind the record, or nothing is */
    status = create_right(s, err);
    if (!status)
        status = create_right_of_previous(s, err);
    if (status)
        return status;
    return combined ? update(s, combined, err) : create(s, 0, SF_NULL, err);
}

/* ---- */

static sf_status add_to_windows(sf_window_fold *at, const sf_record *record, sf_bytes wire_key,
                                sf_error *err)
{
    slide s = {.at = at, .record = record, .wire_key = wire_key, .previous = -1};
    sf_status status;

    if (record->timestamp < difference(&s))
        return slide_early(&s, err); /* as in the reference, without an emission behind it */
    status = slide_usual(&s, err);
    return status ? status : sf_window_fold_emit(at, record, false, err);
}

static sf_status process(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    sf_window_fold *at = state;
    bool goes_on;
    sf_bytes wire_key;
    sf_status status = sf_window_fold_see(at, record, &goes_on, &wire_key, err);

    if (status || !goes_on)
        return status;
    if (record->timestamp + at->plan->windows->size_ms < *at->seen - at->plan->grace_ms) {
        sf_context_count_dropped_for(context, SF_DROP_LATE); /* late, whatever window */
        return SF_OK;
    }
    status = sf_window_fold_emit(at, record, true, err);
    return status ? status : add_to_windows(at, record, wire_key, err);
}

sf_processor sf_sliding_aggregate_processor(sf_window_fold_plan *plan)
{
    return (sf_processor){.init = sf_window_fold_init, .process = process, .user = plan};
}
