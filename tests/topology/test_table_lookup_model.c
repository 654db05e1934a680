/* Streams that meet tables against a model that knows nothing of the engine: a list of all rows that ever
 * arrived, searched from end to end. Tables with and without versions, with and without a grace, random
 * histories with late records on both sides, equal times, null keys and values, and restarts with state
 * and without. TEST_LONG: more histories. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "check.h"
#include "support/driven_topology.h"

enum { STEPS_MAX = 60, KEYS = 3 };

/* ---- what is drawn ---- */

typedef struct setting {
    bool is_left;
    int64_t history_ms; /* 0: no versions */
    int64_t grace_ms;
    bool is_filtered; /* rows whose value begins with "x" are left out */
    bool in_memory;
} setting;

static setting random_setting(sf_random *random)
{
    setting made = {.is_left = sf_random_below(random, 2),
                    .is_filtered = !sf_random_below(random, 3),
                    .in_memory = sf_random_below(random, 2)};

    if (sf_random_below(random, 3))
        made.history_ms =
            sf_random_below(random, 2) ? 100000 : 1 + (int64_t)sf_random_below(random, 80);
    if (made.history_ms && sf_random_below(random, 2))
        made.grace_ms = 1 + (int64_t)sf_random_below(
                                random, made.history_ms < 40 ? (uint64_t)made.history_ms : 40);
    return made;
}

typedef struct event {
    bool is_row;
    char key[4];    /* "": null */
    char value[24]; /* "": null */
    int64_t timestamp;
} event;

static event random_event(sf_random *random, size_t number, int64_t *now)
{
    event made = {.is_row = sf_random_below(random, 2)};
    int64_t late = sf_random_below(random, 2) ? 0 : (int64_t)sf_random_below(random, 60);

    *now += sf_random_below(random, 3) ? (int64_t)sf_random_below(random, 10) : 0;
    made.timestamp = *now > late ? *now - late : 0;
    if (sf_random_below(random, 15))
        (void)snprintf(made.key, sizeof(made.key), "k%d", (int)sf_random_below(random, KEYS));
    if (sf_random_below(random, made.is_row ? 5 : 15))
        (void)snprintf(made.value, sizeof(made.value), "%c%zu",
                       !made.is_row                 ? 's'
                       : sf_random_below(random, 4) ? 'r'
                                                    : 'x',
                       number);
    return made;
}

/* ---- the model ---- */

typedef struct model {
    setting of;
    event rows[STEPS_MAX]; /* in order of arrival */
    size_t row_count;
    int64_t newest_row;
    event waiting[STEPS_MAX]; /* in order of arrival */
    size_t waiting_count;
    int64_t newest_waiting;
    char result[8192];
} model;

static void add_row(model *at, const event *row)
{
    if (!row->key[0])
        return;
    if (at->of.history_ms && row->timestamp < at->newest_row - at->of.history_ms)
        return;
    if (row->timestamp > at->newest_row)
        at->newest_row = row->timestamp;
    at->rows[at->row_count++] = *row;
}

static const event *latest_arrival(const model *at, const char *key)
{
    const event *found = NULL;

    for (size_t i = 0; i < at->row_count; i++)
        if (!strcmp(at->rows[i].key, key))
            found = &at->rows[i];
    return found;
}

/* The row with the largest time up to that one, of equals the last. */
static const event *valid_at(const model *at, const char *key, int64_t time)
{
    const event *found = NULL;

    for (size_t i = 0; i < at->row_count; i++) {
        const event *row = &at->rows[i];

        if (!strcmp(row->key, key) && row->timestamp <= time &&
            (!found || row->timestamp >= found->timestamp))
            found = row;
    }
    return found;
}

/* The history goes back so far; only what is still valid is found for earlier times. */
static const event *row_for(const model *at, const event *record)
{
    const event *found;

    if (!at->of.history_ms)
        return latest_arrival(at, record->key);
    found = valid_at(at, record->key, record->timestamp);
    if (found && record->timestamp < at->newest_row - at->of.history_ms &&
        found != valid_at(at, record->key, INT64_MAX))
        return NULL;
    return found;
}

static void meet(model *at, const event *record)
{
    const event *row = record->key[0] ? row_for(at, record) : NULL;
    const char *value = row ? row->value : "";
    size_t length = strlen(at->result);

    if (at->of.is_filtered && value[0] == 'x')
        value = "";
    if (!value[0] && !at->of.is_left)
        return;
    (void)snprintf(at->result + length, sizeof(at->result) - length, "%s%s=%s|%s@%" PRId64,
                   length ? " " : "", record->key[0] ? record->key : "-", record->value,
                   value[0] ? value : "-", record->timestamp);
}

/* One at a time: of those whose time is over the earliest, of equals the first. */
static void release(model *at)
{
    for (;;) {
        size_t next = at->waiting_count;

        for (size_t i = 0; i < at->waiting_count; i++)
            if (at->waiting[i].timestamp + at->of.grace_ms <= at->newest_waiting &&
                (next == at->waiting_count ||
                 at->waiting[i].timestamp < at->waiting[next].timestamp))
                next = i;
        if (next == at->waiting_count)
            return;
        meet(at, &at->waiting[next]);
        at->waiting_count--;
        memmove(&at->waiting[next], &at->waiting[next + 1],
                (at->waiting_count - next) * sizeof(at->waiting[0]));
    }
}

static void take_record(model *at, const event *record)
{
    if (!record->value[0] || (!record->key[0] && !at->of.is_left))
        return;
    if (!at->of.grace_ms || !record->key[0] ||
        record->timestamp + at->of.grace_ms < at->newest_waiting) {
        meet(at, record);
        return;
    }
    at->waiting[at->waiting_count++] = *record;
    if (record->timestamp > at->newest_waiting)
        at->newest_waiting = record->timestamp;
    release(at);
}

/* ---- the engine ---- */

static char x[] = "x";

static driven_topology *new_topology(const setting *of)
{
    driven_topology *driven = driven_new();
    sf_stream *in = sf_builder_stream(driven->builder, "in", NULL);
    sf_table *rows = sf_builder_table(driven->builder, "rows", NULL,
                                      &(sf_materialized){.name = "kept",
                                                         .history_ms = of->history_ms,
                                                         .in_memory = of->in_memory});
    sf_joined joined = {.name = "met", .grace_ms = of->grace_ms};

    if (of->is_filtered)
        rows = sf_table_filter_not(rows, driven_begins_with, x, NULL);
    sf_stream_to((of->is_left ? sf_stream_left_join_table
                              : sf_stream_join_table)(in, rows, driven_pair, NULL, &joined),
                 "out");
    driven_start(driven, NULL);
    return driven;
}

static void check_history(uint64_t seed)
{
    static model expected;
    sf_random random;
    driven_topology *driven;
    int64_t now = 0;
    size_t steps;

    sf_random_init(&random, seed);
    memset(&expected, 0, sizeof(expected));
    expected.of = random_setting(&random);
    expected.newest_row = expected.newest_waiting = -1;
    steps = 1 + sf_random_below(&random, STEPS_MAX - 1);
    driven = new_topology(&expected.of);
    for (size_t i = 0; i < steps; i++) {
        event new = random_event(&random, i, &now);
        const char *rows;

        if (!sf_random_below(&random, 25))
            assert_ok(sf_test_driver_restart(
                driven->driver,
                sf_random_below(&random, 2) ? SF_CRASH_KEEPS_STATE : SF_CRASH_LOSES_STATE, err));
        expected.result[0] = 0;
        if (new.is_row)
            add_row(&expected, &new);
        else
            take_record(&expected, &new);
        driven_pipe(driven, new.is_row ? "rows" : "in", new.key[0] ? new.key : NULL,
                    new.value[0] ? new.value : NULL, new.timestamp);
        rows = driven_rows(driven, "out");
        if (strcmp(rows, expected.result) != 0)
            fail_msg("seed %" PRIu64 ", step %zu (%s %s=%s@%" PRId64 ")\n  is  '%s'\n  not '%s'\n"
                     "  left %d history %" PRId64 " grace %" PRId64 " filtered %d",
                     seed, i, new.is_row ? "row" : "record", new.key, new.value, new.timestamp,
                     rows, expected.result, expected.of.is_left, expected.of.history_ms,
                     expected.of.grace_ms, expected.of.is_filtered);
    }
    driven_free(driven);
}

static void random_histories_give_what_the_model_says(void **state)
{
    uint64_t histories = getenv("TEST_LONG") ? 20000 : 1000;

    (void)state;
    for (uint64_t seed = 1; seed <= histories; seed++)
        check_history(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_histories_give_what_the_model_says),
    };

    return run_tests(tests);
}
