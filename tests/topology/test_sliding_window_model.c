/* Sliding windows against two models. Where nothing is late: the definition – of each record the window
 * that ends with it, and the one that begins behind it if a record is in there – by scanning. And
 * always: the rules by which windows come into being, put as questions over a list of windows. With
 * caching on and off, results on update and on close, in memory and on disk, over aborts and
 * crashes. TEST_SEED=n runs history n alone, TEST_LONG=1 ten times as many. */
#include "check.h"
#include "support/windowed_run.h"

typedef struct model {
    const windowed_setup *setup;
    sf_sliding_window window;
    windowed_rows windows; /* value and newest timestamp of each that there is */
    int64_t seen;
    int64_t closed; /* ends before this went out, or were lost */
    int64_t newest; /* start */
    uint64_t dropped;
    windowed_rows rows; /* what goes on */
} model;

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t retention(const model *m)
{
    return m->setup->retention_ms ? m->setup->retention_ms
                                  : larger(2 * m->window.diff_ms + m->window.grace_ms, 1);
}

static int64_t close_time(const model *m)
{
    return m->seen - m->window.grace_ms;
}

/* Whether the store still shows a window. */
static bool is_shown(const model *m, int64_t start)
{
    int64_t spare = m->setup->emit != SF_EMIT_ON_UPDATE && !m->setup->in_memory;

    if (m->setup->emit != SF_EMIT_ON_CLOSE)
        spare += 2;
    return start > m->newest - retention(m) - spare;
}

/* ---- the windows of a key ---- */

typedef bool (*question)(int64_t start, int64_t end, int64_t timestamp);

static bool ends_before(int64_t start, int64_t end, int64_t timestamp)
{
    (void)start;
    return end < timestamp;
}

static bool ends_with(int64_t start, int64_t end, int64_t timestamp)
{
    (void)start;
    return end == timestamp;
}

static bool goes_beyond(int64_t start, int64_t end, int64_t timestamp)
{
    return start <= timestamp && end > timestamp;
}

static bool begins_behind(int64_t start, int64_t end, int64_t timestamp)
{
    (void)end;
    return start == timestamp + 1;
}

/* The one that begins last among those near the record for which the answer is yes. */
static windowed_row *last_that(model *m, const windowed_record *record, question is_wanted)
{
    windowed_row *found = NULL;

    for (size_t i = 0; i < m->windows.count; i++) {
        windowed_row *row = &m->windows.items[i];

        if (row->key != record->key || !is_shown(m, row->start) ||
            row->start < record->timestamp - 2 * m->window.diff_ms ||
            !is_wanted(row->start, row->end, record->timestamp))
            continue;
        if (!found || row->start > found->start)
            found = row;
    }
    return found;
}

static windowed_row *window_at(model *m, char key, int64_t start)
{
    for (size_t i = 0; i < m->windows.count; i++)
        if (m->windows.items[i].key == key && m->windows.items[i].start == start)
            return &m->windows.items[i];
    return NULL;
}

static void put(model *m, windowed_row row)
{
    windowed_row *there = window_at(m, row.key, row.start);

    row.end = row.start + m->window.diff_ms;
    if (there)
        *there = row;
    else
        windowed_rows_add(&m->windows, row);
    m->newest = larger(m->newest, row.start);
    if (m->setup->emit == SF_EMIT_ON_UPDATE)
        windowed_rows_add(&m->rows, row);
}

/* Adds the record to a window that holds base so far. */
static void add(model *m, const windowed_record *record, int64_t start, const windowed_row *base)
{
    windowed_row row = {.key = record->key, .start = start, .timestamp = record->timestamp};

    if (start + m->window.diff_ms < close_time(m)) {
        m->dropped++;
        return;
    }
    row.value = record->value;
    if (base) {
        row.value = (int64_t)((uint64_t)row.value + (uint64_t)base->value);
        row.timestamp = larger(row.timestamp, base->timestamp);
    }
    put(m, row);
}

/* ---- a record ---- */

/* All windows that hold the record's time, but for one. */
static void add_to_all(model *m, const windowed_record *record, int64_t but)
{
    size_t count = m->windows.count;

    for (size_t i = 0; i < count; i++) {
        const windowed_row row = m->windows.items[i];

        if (row.key == record->key && is_shown(m, row.start) && row.start <= record->timestamp &&
            row.end >= record->timestamp && row.start != but)
            add(m, record, row.start, &row);
    }
}

static void put_right(model *m, const windowed_record *record, const windowed_row *around)
{
    windowed_row row = *around;

    row.start = record->timestamp + 1;
    put(m, row);
}

static void take_early(model *m, const windowed_record *record)
{
    windowed_row *inside = last_that(m, record, goes_beyond);
    windowed_row *first = is_shown(m, 0) ? window_at(m, record->key, 0) : NULL;
    bool has_right = last_that(m, record, begins_behind);
    bool has_previous = first && first->timestamp < record->timestamp;
    windowed_row around = inside ? *inside : (windowed_row){0};
    windowed_row combined = first ? *first : (windowed_row){0};
    bool has_combined = first;
    int64_t behind_previous = combined.timestamp + 1;
    bool previous_has_right =
        is_shown(m, behind_previous) && window_at(m, record->key, behind_previous);

    add_to_all(m, record, 0);
    if (inside && !has_right && around.timestamp > record->timestamp)
        put_right(m, record, &around);
    if (has_previous && !previous_has_right)
        add(m, record, behind_previous, NULL);
    add(m, record, 0, has_combined ? &combined : NULL);
}

static void take_usual(model *m, const windowed_record *record)
{
    windowed_row *found = last_that(m, record, ends_before);
    windowed_row before = found ? *found : (windowed_row){.timestamp = -1};
    windowed_row *left = last_that(m, record, ends_with);
    windowed_row *inside = last_that(m, record, goes_beyond);
    windowed_row around = inside ? *inside : (windowed_row){0};
    bool has_left = left;
    bool is_known = left && left->timestamp == record->timestamp;
    bool has_right = last_that(m, record, begins_behind);
    int64_t left_start = record->timestamp - m->window.diff_ms;
    int64_t previous =
        left && left->timestamp < record->timestamp ? left->timestamp : before.timestamp;

    add_to_all(m, record, -1);
    if (is_known)
        return;
    if (previous >= 0 && previous + 1 + m->window.diff_ms >= record->timestamp &&
        !(is_shown(m, previous + 1) && window_at(m, record->key, previous + 1)))
        add(m, record, previous + 1, NULL);
    if (!has_left)
        add(m, record, left_start, previous >= left_start ? &before : NULL);
    if (inside && !has_right && around.timestamp > record->timestamp)
        put_right(m, record, &around);
}

/* ---- results on close ---- */

static bool comes_first(const windowed_row *a, const windowed_row *b)
{
    return a->start < b->start || (a->start == b->start && a->key < b->key);
}

static void close_windows(model *m)
{
    const windowed_row *last = NULL;
    const windowed_row *next;

    do {
        next = NULL;
        for (size_t i = 0; i < m->windows.count; i++) {
            const windowed_row *row = &m->windows.items[i];

            if (row->end >= m->closed && row->end < close_time(m) &&
                (!last || comes_first(last, row)) && (!next || comes_first(row, next)))
                next = row;
        }
        last = next;
        if (next && is_shown(m, next->start))
            windowed_rows_add(&m->rows, *next);
    } while (next);
    m->closed = larger(m->closed, close_time(m));
}

static void take(model *m, const windowed_record *record)
{
    bool is_early = record->timestamp < m->window.diff_ms;

    m->seen = larger(m->seen, record->timestamp);
    if (record->timestamp + m->window.diff_ms < close_time(m)) {
        m->dropped++;
        return;
    }
    if (m->setup->emit == SF_EMIT_ON_CLOSE_LOSSLESS)
        close_windows(m);
    if (is_early)
        take_early(m, record);
    else
        take_usual(m, record);
    if (!is_early && m->setup->emit == SF_EMIT_ON_CLOSE)
        close_windows(m);
}

static void run_model(model *m)
{
    for (size_t i = 0; i < m->setup->count; i++) {
        const windowed_record *record = &m->setup->records[i];

        if (record->key && record->has_value)
            take(m, record);
        else
            m->dropped++;
    }
}

/* ---- the definition ---- */

static bool holds_record(const windowed_setup *setup, char key, int64_t from, int64_t to)
{
    for (size_t i = 0; i < setup->count; i++)
        if (setup->records[i].key == key && setup->records[i].has_value &&
            setup->records[i].timestamp >= from && setup->records[i].timestamp <= to)
            return true;
    return false;
}

static void add_defined(const model *m, char key, int64_t start, windowed_rows *rows)
{
    windowed_row row = {.key = key, .start = start, .end = start + m->window.diff_ms};

    for (size_t i = 0; i < m->setup->count; i++) {
        const windowed_record *record = &m->setup->records[i];

        if (record->key != key || !record->has_value || record->timestamp < start ||
            record->timestamp > row.end)
            continue;
        row.value = (int64_t)((uint64_t)row.value + (uint64_t)record->value);
        row.timestamp = larger(row.timestamp, record->timestamp);
    }
    windowed_rows_add(rows, row);
}

static void define(const model *m, windowed_rows *rows)
{
    rows->count = 0;
    for (size_t i = 0; i < m->setup->count; i++) {
        const windowed_record *record = &m->setup->records[i];
        int64_t behind = record->timestamp + 1;

        if (!record->key || !record->has_value)
            continue;
        add_defined(m, record->key, larger(record->timestamp - m->window.diff_ms, 0), rows);
        if (holds_record(m->setup, record->key, behind, behind + m->window.diff_ms))
            add_defined(m, record->key, behind, rows);
    }
    windowed_rows_leave_last(rows);
}

/* ---- */

static sf_grouped *by_windows(const void *windows, sf_grouped *grouped)
{
    return sf_grouped_sliding(grouped, *(const sf_sliding_window *)windows);
}

static bool is_never_late(const windowed_setup *setup, const sf_sliding_window *window)
{
    int64_t last = 0;

    for (size_t i = 0; i < setup->count; i++)
        last = larger(last, setup->records[i].timestamp);
    return window->grace_ms >= last;
}

static void draw_window(sf_random *random, windowed_setup *setup, sf_sliding_window *window)
{
    int64_t scale = setup->span_ms / (int64_t)setup->count;

    window->diff_ms = (int64_t)sf_random_below(random, (uint64_t)scale * 4);
    window->grace_ms = (int64_t)sf_random_below(random, (uint64_t)scale * 6);
    if (sf_random_below(random, 3) == 0)
        window->grace_ms = setup->span_ms * 100;
    if (sf_random_below(random, 4) == 0)
        window->grace_ms = 0;
    if (sf_random_below(random, 3) == 0)
        setup->retention_ms = larger(2 * window->diff_ms + window->grace_ms +
                                         (int64_t)sf_random_below(random, (uint64_t)scale * 20),
                                     1);
}

static bool history_is_as_the_model(sf_random *random)
{
    static windowed_setup setup;
    static windowed_rows found, defined;
    static model m;
    uint64_t dropped;
    bool is_as_expected;

    windowed_setup_draw(&setup, random);
    m = (model){.setup = &setup, .seen = -1, .closed = 0, .newest = -1};
    draw_window(random, &setup, &m.window);
    run_model(&m);
    windowed_run(&setup, by_windows, &m.window, m.window.diff_ms, random, &found, &dropped);
    if (setup.emit == SF_EMIT_ON_UPDATE) {
        windowed_rows_sort(&m.rows);
        windowed_rows_sort(&found);
    }
    if (setup.emit == SF_EMIT_ON_UPDATE && setup.is_cached) {
        windowed_rows_leave_last(&m.rows);
        windowed_rows_leave_last(&found);
    }
    is_as_expected =
        windowed_rows_equal(&m.rows, &found) && (!setup.is_counted || dropped == m.dropped);
    if (!is_as_expected)
        windowed_run_print(&setup, &m.rows, &found);
    if (!is_as_expected || setup.emit != SF_EMIT_ON_UPDATE || !is_never_late(&setup, &m.window))
        return is_as_expected;
    define(&m, &defined);
    windowed_rows_leave_last(&found);
    if (!windowed_rows_equal(&defined, &found)) {
        windowed_run_print(&setup, &defined, &found);
        return false;
    }
    return true;
}

static void sliding_windows_are_as_the_models_have_them(void **state)
{
    (void)state;
    windowed_histories(history_is_as_the_model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sliding_windows_are_as_the_models_have_them),
    };

    return run_tests(tests);
}
