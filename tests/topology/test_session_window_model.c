/* Sessions against two models. Where nothing is late: all records of a key sorted and cut where the gap
 * is too large. And always: sessions in a list, joined by each record as the rules say. With caching
 * on and off, results on update and on close, in memory and on disk, over aborts and crashes.
 * TEST_SEED=n runs history n alone, TEST_LONG=1 ten times as many. */
#include "check.h"
#include "support/windowed_run.h"

enum { SEGMENT_MS_MIN = 60000 };

typedef struct model {
    const windowed_setup *setup;
    sf_session_window window;
    windowed_rows sessions; /* that are there, in no order */
    int64_t seen;
    int64_t closed; /* ends before this went out, or were lost */
    int64_t newest; /* end */
    uint64_t dropped;
    windowed_rows rows; /* what goes on */
} model;

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* A session that ends with the close time may still grow. */
static int64_t retention(const model *m)
{
    int64_t wanted =
        m->setup->retention_ms ? m->setup->retention_ms : m->window.gap_ms + m->window.grace_ms;

    return wanted + 1;
}

static int64_t close_time(const model *m)
{
    return m->seen - m->window.gap_ms - m->window.grace_ms;
}

/* ---- a record ---- */

/* Results go out before the record is taken up. */
static bool emits_first(const model *m)
{
    return m->setup->emit == SF_EMIT_ON_CLOSE_LOSSLESS ||
           (m->setup->emit == SF_EMIT_ON_CLOSE && m->setup->in_memory);
}

static bool is_met(const model *m, const windowed_row *session, const windowed_record *record)
{
    return session->key == record->key && session->end > m->newest - retention(m) &&
           session->end >= record->timestamp - m->window.gap_ms &&
           session->start <= record->timestamp + m->window.gap_ms;
}

static void go_on(model *m, windowed_row row, bool is_null)
{
    row.is_null = is_null;
    row.timestamp = row.end;
    if (m->setup->emit == SF_EMIT_ON_UPDATE)
        windowed_rows_add(&m->rows, row);
}

static void join(windowed_row *joined, const windowed_row *session)
{
    if (session->start < joined->start)
        joined->start = session->start;
    joined->end = larger(joined->end, session->end);
    joined->value = (int64_t)((uint64_t)joined->value + (uint64_t)session->value);
}

/* What the record makes of the sessions it meets. */
static windowed_row join_all(model *m, const windowed_record *record)
{
    windowed_row joined = {.key = record->key,
                           .start = record->timestamp,
                           .end = record->timestamp,
                           .value = windowed_worth(record)};

    for (size_t i = 0; i < m->sessions.count; i++)
        if (is_met(m, &m->sessions.items[i], record))
            join(&joined, &m->sessions.items[i]);
    return joined;
}

/* Takes out those that are met; their order in the store is that of their end. */
static void take_out(model *m, const windowed_record *record, bool says_so)
{
    for (;;) {
        windowed_row *first = NULL;

        for (size_t i = 0; i < m->sessions.count; i++) {
            windowed_row *session = &m->sessions.items[i];

            if (is_met(m, session, record) && (!first || session->end < first->end))
                first = session;
        }
        if (!first)
            return;
        if (says_so)
            go_on(m, *first, true);
        *first = m->sessions.items[--m->sessions.count];
    }
}

static void take(model *m, const windowed_record *record)
{
    windowed_row joined = join_all(m, record);

    if (joined.end < close_time(m)) {
        m->dropped++;
        return;
    }
    take_out(m, record, joined.start != joined.end);
    joined.timestamp = joined.end;
    windowed_rows_add(&m->sessions, joined);
    m->newest = larger(m->newest, joined.end);
    go_on(m, joined, false);
}

/* ---- results on close ---- */

static bool comes_first(const windowed_row *a, const windowed_row *b)
{
    if (a->end != b->end)
        return a->end < b->end;
    return a->start < b->start || (a->start == b->start && a->key < b->key);
}

/* A store on disk loses whole segments. */
static bool is_lost(const model *m, const windowed_row *session)
{
    int64_t segment = larger(retention(m) / 2, SEGMENT_MS_MIN);
    int64_t live = (m->newest - retention(m)) / segment * segment;

    return !emits_first(m) && m->newest >= retention(m) && session->end < live;
}

static void close_sessions(model *m)
{
    windowed_row last = {.end = -1};
    const windowed_row *next;

    do {
        next = NULL;
        for (size_t i = 0; i < m->sessions.count; i++) {
            const windowed_row *session = &m->sessions.items[i];

            if (session->end >= m->closed && session->end < close_time(m) &&
                comes_first(&last, session) && (!next || comes_first(session, next)))
                next = session;
        }
        if (next && !is_lost(m, next))
            windowed_rows_add(&m->rows, *next);
        if (next)
            last = *next;
    } while (next);
    m->closed = larger(m->closed, close_time(m));
}

static void run_model(model *m)
{
    for (size_t i = 0; i < m->setup->count; i++) {
        const windowed_record *record = &m->setup->records[i];

        if (!record->key) {
            m->dropped++;
            continue;
        }
        m->seen = larger(m->seen, record->timestamp);
        take(m, record);
        if (m->setup->emit != SF_EMIT_ON_UPDATE)
            close_sessions(m);
    }
}

/* ---- sorted and cut ---- */

static void define_key(const model *m, char key, windowed_rows *rows)
{
    windowed_rows points = {.count = 0};

    for (size_t i = 0; i < m->setup->count; i++) {
        const windowed_record *record = &m->setup->records[i];

        if (record->key == key)
            windowed_rows_add(&points, (windowed_row){.key = key,
                                                      .start = record->timestamp,
                                                      .end = record->timestamp,
                                                      .value = windowed_worth(record),
                                                      .timestamp = record->timestamp});
    }
    windowed_rows_sort(&points);
    for (size_t i = 0; i < points.count; i++) {
        windowed_row *last = i > 0 ? &rows->items[rows->count - 1] : NULL;

        if (last && points.items[i].start - last->end <= m->window.gap_ms) {
            join(last, &points.items[i]);
            last->timestamp = last->end;
        } else {
            windowed_rows_add(rows, points.items[i]);
        }
    }
}

static void define(const model *m, windowed_rows *rows)
{
    rows->count = 0;
    for (char key = 'a'; key <= 'c'; key++)
        define_key(m, key, rows);
}

static void leave_out_nulls(windowed_rows *rows)
{
    size_t kept = 0;

    for (size_t i = 0; i < rows->count; i++)
        if (!rows->items[i].is_null)
            rows->items[kept++] = rows->items[i];
    rows->count = kept;
}

/* ---- */

static sf_grouped *by_sessions(const void *windows, sf_grouped *grouped)
{
    return sf_grouped_sessions(grouped, *(const sf_session_window *)windows);
}

static bool is_never_late(const windowed_setup *setup, const sf_session_window *window)
{
    int64_t last = 0;

    for (size_t i = 0; i < setup->count; i++)
        last = larger(last, setup->records[i].timestamp);
    return window->grace_ms >= last;
}

static void draw_window(sf_random *random, windowed_setup *setup, sf_session_window *window)
{
    int64_t scale = setup->span_ms / (int64_t)setup->count;

    window->gap_ms = 1 + (int64_t)sf_random_below(random, (uint64_t)scale * 3);
    window->grace_ms = (int64_t)sf_random_below(random, (uint64_t)scale * 6);
    if (sf_random_below(random, 3) == 0)
        window->grace_ms = setup->span_ms * 100;
    if (sf_random_below(random, 4) == 0)
        window->grace_ms = 0;
    if (sf_random_below(random, 3) == 0)
        setup->retention_ms = window->gap_ms + window->grace_ms +
                              (int64_t)sf_random_below(random, (uint64_t)scale * 20);
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
    windowed_run(&setup, by_sessions, &m.window, -1, random, &found, &dropped);
    if (setup.emit == SF_EMIT_ON_UPDATE && setup.is_cached) {
        windowed_rows_leave_last(&m.rows);
        windowed_rows_leave_last(&found);
        leave_out_nulls(&m.rows);
        leave_out_nulls(&found);
    }
    is_as_expected =
        windowed_rows_equal(&m.rows, &found) && (!setup.is_counted || dropped == m.dropped);
    if (!is_as_expected)
        windowed_run_print(&setup, &m.rows, &found);
    if (!is_as_expected || setup.emit != SF_EMIT_ON_UPDATE || !is_never_late(&setup, &m.window))
        return is_as_expected;
    define(&m, &defined);
    windowed_rows_leave_last(&found);
    leave_out_nulls(&found);
    if (!windowed_rows_equal(&defined, &found)) {
        windowed_run_print(&setup, &defined, &found);
        return false;
    }
    return true;
}

static void sessions_are_as_the_models_have_them(void **state)
{
    (void)state;
    windowed_histories(history_is_as_the_model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_are_as_the_models_have_them),
    };

    return run_tests(tests);
}
