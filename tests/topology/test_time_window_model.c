/* Tumbling and hopping windows against brute force: every record against every window it may belong
 * to, sums by scanning. With caching on and off, results on update and on close, in memory and on
 * disk, over aborts and crashes. TEST_SEED=n runs history n alone, TEST_LONG=1 ten times as many. */
#include "check.h"
#include "support/windowed_run.h"

/* A record that was taken into a window. */
typedef struct taken {
    const windowed_record *record;
    int64_t start;
} taken;

typedef struct model {
    const windowed_setup *setup;
    sf_window window;
    taken taken[WINDOWED_ROWS_MAX];
    size_t count;
    int64_t seen;
    int64_t closed; /* up to this end windows went out, or were lost */
    int64_t newest; /* start */
    uint64_t dropped;
    windowed_rows rows;
} model;

static windowed_row row_at(const model *m, char key, int64_t start)
{
    windowed_row row = {.key = key, .start = start, .end = start + m->window.size_ms};

    for (size_t i = 0; i < m->count; i++) {
        const taken *at = &m->taken[i];

        if (at->record->key != key || at->start != start)
            continue;
        row.value = (int64_t)((uint64_t)row.value + (uint64_t)windowed_worth(at->record));
        if (at->record->timestamp > row.timestamp)
            row.timestamp = at->record->timestamp;
    }
    return row;
}

static void take(model *m, const windowed_record *record)
{
    int64_t start = record->timestamp - record->timestamp % m->window.advance_ms;

    while (start - m->window.advance_ms >= 0 &&
           start - m->window.advance_ms + m->window.size_ms > record->timestamp)
        start -= m->window.advance_ms;
    for (; start <= record->timestamp; start += m->window.advance_ms) {
        if (start + m->window.size_ms <= m->seen - m->window.grace_ms) {
            m->dropped++;
            continue;
        }
        m->taken[m->count++] = (taken){record, start};
        m->newest = start > m->newest ? start : m->newest;
        if (m->setup->emit == SF_EMIT_ON_UPDATE)
            windowed_rows_add(&m->rows, row_at(m, record->key, start));
    }
}

static bool is_lost(const model *m, int64_t start)
{
    int64_t retention =
        m->setup->retention_ms ? m->setup->retention_ms : m->window.size_ms + m->window.grace_ms;

    if (m->setup->emit == SF_EMIT_ON_CLOSE_LOSSLESS)
        return false;
    return m->setup->in_memory ? start <= m->newest - retention : start < m->newest - retention;
}

/* What comes next in the order of results: by start, then key. */
static bool next_closed(const model *m, const taken **last)
{
    const taken *next = NULL;

    for (size_t i = 0; i < m->count; i++) {
        const taken *at = &m->taken[i];
        int64_t end = at->start + m->window.size_ms;

        if (end <= m->closed || end > m->seen - m->window.grace_ms)
            continue;
        if (*last && (at->start < (*last)->start ||
                      (at->start == (*last)->start && at->record->key <= (*last)->record->key)))
            continue;
        if (!next || at->start < next->start ||
            (at->start == next->start && at->record->key < next->record->key))
            next = at;
    }
    *last = next;
    return next;
}

static void close_windows(model *m)
{
    const taken *at = NULL;

    while (next_closed(m, &at))
        if (!is_lost(m, at->start))
            windowed_rows_add(&m->rows, row_at(m, at->record->key, at->start));
    if (m->seen - m->window.grace_ms > m->closed)
        m->closed = m->seen - m->window.grace_ms;
}

static void run_model(model *m)
{
    for (size_t i = 0; i < m->setup->count; i++) {
        const windowed_record *record = &m->setup->records[i];

        if (!record->key) {
            m->dropped++;
            continue;
        }
        m->seen = record->timestamp > m->seen ? record->timestamp : m->seen;
        take(m, record);
        if (m->setup->emit != SF_EMIT_ON_UPDATE)
            close_windows(m);
    }
}

/* ---- */

static sf_grouped *by_windows(const void *windows, sf_grouped *grouped)
{
    return sf_grouped_windowed(grouped, *(const sf_window *)windows);
}

static void draw_window(sf_random *random, windowed_setup *setup, sf_window *window)
{
    int64_t scale = setup->span_ms / (int64_t)setup->count;

    window->size_ms = 1 + (int64_t)sf_random_below(random, (uint64_t)scale * 4);
    window->advance_ms = window->size_ms;
    if (sf_random_below(random, 2))
        window->advance_ms = window->size_ms / (1 + (int64_t)sf_random_below(random, 4));
    if (window->advance_ms == 0)
        window->advance_ms = 1;
    if (sf_random_below(random, 2))
        window->grace_ms = (int64_t)sf_random_below(random, (uint64_t)scale * 6);
    if (sf_random_below(random, 3) == 0)
        setup->retention_ms = window->size_ms + window->grace_ms +
                              (int64_t)sf_random_below(random, (uint64_t)scale * 20);
}

static bool history_is_as_the_model(sf_random *random)
{
    static windowed_setup setup;
    static windowed_rows found;
    static model m;
    uint64_t dropped;
    bool is_as_expected;

    windowed_setup_draw(&setup, random);
    m = (model){.setup = &setup, .seen = -1, .closed = -1, .newest = -1};
    draw_window(random, &setup, &m.window);
    run_model(&m);
    windowed_run(&setup, by_windows, &m.window, m.window.size_ms, random, &found, &dropped);
    if (setup.emit == SF_EMIT_ON_UPDATE && setup.is_cached) {
        windowed_rows_leave_last(&m.rows);
        windowed_rows_leave_last(&found);
    }
    is_as_expected =
        windowed_rows_equal(&m.rows, &found) && (!setup.is_counted || dropped == m.dropped);
    if (!is_as_expected)
        windowed_run_print(&setup, &m.rows, &found);
    return is_as_expected;
}

static void time_windows_are_as_the_model_has_them(void **state)
{
    (void)state;
    windowed_histories(history_is_as_the_model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_windows_are_as_the_model_has_them),
    };

    return run_tests(tests);
}
